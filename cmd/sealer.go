package cmd

import (
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"time"

	"auditctl/cmd/internal/report"
	"auditctl/pkg/osfile"
	"auditctl/pkg/seal"
)

// A sealer seals the files of destinations while they are written: what was there
// at the start, what came since every so often, what is in a file before it is
// moved away, and the rest at the end. It reads what was written from the files, so
// that the lines of other processes that append to them are sealed too.
//
// That a file cannot be sealed is reported, but nothing is lost by it: the lines
// are written all the same, and the next try takes them in.
type sealer struct {
	key     *seal.Key
	ticks   <-chan time.Time // when to seal; nil: only at rotation and at the end
	reports *report.Reporter
	logs    map[string]*sealing

	background sync.WaitGroup
	done       chan struct{}
}

// A sealing is what a sealer does to one file.
type sealing struct {
	path   string
	origin string // if it has none yet

	mu     sync.Mutex  // held while sealing, and while the file is moved
	last   seal.Sealed // what came of it last
	said   string      // what was reported last
	failed bool
}

func newSealer(key *seal.Key, every time.Duration, reports *report.Reporter, files []string) *sealer {
	s := &sealer{key: key, reports: reports, logs: make(map[string]*sealing), done: make(chan struct{})}
	if every > 0 {
		s.ticks = time.Tick(every)
	}
	for _, path := range files {
		s.logs[path] = &sealing{path: path, origin: originOf(key, path, len(files))}
	}
	return s
}

// start begins to seal the files, until finish is called or, for what was there
// before, ctx ends.
func (s *sealer) start(ctx context.Context) {
	for path, l := range s.logs {
		st, err := os.Stat(path)
		if err != nil || !st.Mode().IsRegular() {
			delete(s.logs, path)
			continue
		}
		s.background.Go(func() {
			if st.Size() > 0 {
				s.seal(ctx, l)
			}
		})
	}
	if len(s.logs) == 0 {
		s.reports.Errorf("--seal: no destination is a file")
	}
	s.background.Go(func() {
		for {
			select {
			case <-s.ticks:
				s.sealAll()
			case <-s.done:
				return
			}
		}
	})
}

// seal seals a file.
func (s *sealer) seal(ctx context.Context, l *sealing) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s.sealLocked(ctx, l, seal.Options{})
}

func (s *sealer) sealLocked(ctx context.Context, l *sealing, o seal.Options) {
	o.DefaultOrigin, o.After = l.origin, l.last.Checkpoint
	sealed, err := sealedLog(l.path).Seal(ctx, s.key, o)
	if ctx.Err() != nil || errors.Is(err, seal.ErrBusy) {
		return // there is a next time
	}
	said := ""
	if err != nil {
		said, l.failed = aboutLog("seal", l.path, err).Error(), true
	} else {
		l.last = sealed
	}
	if said != l.said {
		l.said = said
		s.reports.Printf("%s", cmp.Or(said, l.path+" is sealed again"))
	}
}

// rotationWait is how long the lines to a file wait while another process seals or
// verifies it.
const rotationWait = 5 * time.Second

// rotating seals a file that is about to be moved away, and keeps it from being
// sealed while it is. It does not wait for ever for another process that has it:
// what is not sealed then is left for the next time.
func (s *sealer) rotating(path string) (done func()) {
	l := s.logs[path]
	if l == nil {
		return func() {}
	}
	l.mu.Lock()
	s.sealLocked(context.Background(), l, seal.Options{Closing: true, Wait: rotationWait})
	return l.mu.Unlock
}

func (s *sealer) sealAll() {
	for _, l := range s.logs {
		s.seal(context.Background(), l)
	}
}

// finish seals the files for the last time.
func (s *sealer) finish() {
	close(s.done)
	s.background.Wait()
	s.sealAll()
	for _, l := range s.logs {
		if l.failed {
			s.reports.Fail()
		}
		if l.last.Unended && l.said == "" {
			s.reports.Printf("%s: %s", l.path, notSealedYet)
		}
	}
}

// teeSealOptions are the flags of tee for sealing.
type teeSealOptions struct {
	keyFile string
	every   time.Duration
}

// apply checks the options and makes d follow them.
func (o *teeSealOptions) apply(d *destinations, files []string) error {
	switch {
	case o.keyFile == "" && o.every != 0:
		return usagef("--seal-every: with which key? Add --seal KEYFILE")
	case o.keyFile == "":
		return nil
	case o.every < 0:
		return usagef("--seal-every %v: want more than zero", o.every)
	case d.options.Truncate:
		return usagef("--truncate would take away what was sealed: drop it, or --seal")
	case len(files) == 0:
		return usagef("--seal: which file? Add a DEST")
	}
	for _, dest := range files {
		if ext := filepath.Ext(dest); ext == ".gz" || ext == ".zst" || holdsPacked(dest) {
			return usagef("%s is compressed as it is written, which cannot be sealed piece by piece: use --rotate-compress", dest)
		}
	}
	key, err := readKey(o.keyFile)
	if err != nil {
		return err
	}
	d.sealer = newSealer(key, o.every, d.reports, files)
	d.options.Rotating = d.sealer.rotating
	return nil
}

// holdsPacked reports whether a path leads to a file that is compressed.
func holdsPacked(path string) bool {
	f, err := osfile.OpenRegular(path, os.O_RDONLY, 0)
	if err != nil {
		return false
	}
	defer f.Close()
	var head [len(zstdMagic)]byte
	n, _ := f.ReadAt(head[:], 0)
	return isPacked(head[:n])
}
