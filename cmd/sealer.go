package cmd

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"time"

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
	every   time.Duration // zero: only at rotation and at the end
	reports *reporter

	ticker *time.Ticker
	done   chan struct{}
	ticks  sync.WaitGroup

	paths []string

	mu     sync.Mutex        // held while sealing, and while a file is moved
	said   map[string]string // of a path what was reported last
	failed bool
}

func newSealer(key *seal.Key, every time.Duration, reports *reporter) *sealer {
	return &sealer{key: key, every: every, reports: reports, done: make(chan struct{}), said: make(map[string]string)}
}

// start begins to seal the files that destinations write to.
func (s *sealer) start(all []*destination) {
	for _, to := range all {
		if st, err := os.Stat(to.path); to.path == "-" || err != nil || !st.Mode().IsRegular() {
			continue
		} else if s.paths = append(s.paths, to.path); st.Size() > 0 {
			s.seal(to.path)
		}
	}
	if len(s.paths) == 0 {
		s.reports.errorf("--seal: no destination is a file")
	}
	if s.every == 0 {
		return
	}
	s.ticker = time.NewTicker(s.every)
	s.ticks.Go(func() {
		for {
			select {
			case <-s.ticker.C:
				s.sealAll()
			case <-s.done:
				return
			}
		}
	})
}

// seal seals a file.
func (s *sealer) seal(path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sealLocked(path, seal.Options{})
}

// rotating seals a file that is about to be moved away.
func (s *sealer) rotating(path string) (done func()) {
	s.mu.Lock()
	s.sealLocked(path, seal.Options{Closing: true})
	return s.mu.Unlock
}

func (s *sealer) sealLocked(path string, o seal.Options) {
	_, err := sealedLog(path).Seal(context.Background(), s.key, o)
	message := ""
	if err != nil {
		message = aboutLog(path, err).Error()
		s.failed = true
	}
	if message != s.said[path] {
		s.said[path] = message
		if message == "" {
			message = path + " is sealed again"
		}
		s.reports.printf("%s", message)
	}
}

func (s *sealer) sealAll() {
	for _, path := range s.paths {
		s.seal(path)
	}
}

// finish seals the files for the last time.
func (s *sealer) finish() {
	close(s.done)
	if s.ticker != nil {
		s.ticker.Stop()
	}
	s.ticks.Wait()
	s.sealAll()
	if s.failed {
		s.reports.failed = true
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
		if ext := filepath.Ext(dest); ext == ".gz" || ext == ".zst" {
			return usagef("%s is compressed as it is written, which cannot be sealed piece by piece: use --rotate-compress", dest)
		}
	}
	key, err := readKey(o.keyFile)
	if err != nil {
		return err
	}
	d.sealer = newSealer(key, o.every, d.reports)
	d.options.Rotating = d.sealer.rotating
	return nil
}
