package fanout

import (
	"context"
	"errors"
	"os"
	"slices"
	"sync"
	"time"

	"auditctl/cmd/internal/report"
	"auditctl/pkg/seal"
)

// A sealer seals the files of destinations while they are written: what they have at
// the start, new lines at intervals, the rest of a file before it is rotated, and
// everything at the end. It reads the lines from the files, so that those of other
// processes that append to them are sealed too.
//
// If a file cannot be sealed that is reported, but nothing is lost: the lines are
// written all the same, and the next attempt includes them.
type sealer struct {
	options *Seal
	ticks   <-chan time.Time // when to seal; nil: only at rotation and at the end
	reports *report.Reporter
	spooled bool // files may not be there, since their lines wait in a spool
	logs    []*sealing

	background sync.WaitGroup
	done       chan struct{}
}

// A sealing is one file that a sealer seals.
type sealing struct {
	path string

	mu   sync.Mutex  // held while sealing, and while the file is moved
	last seal.Sealed // the last result
	said string      // the last error that was reported; empty: none, or it is over
}

// Seal says how destinations that are files are sealed.
type Seal struct {
	Files []string
	Every time.Duration // how often; zero: only at rotation and at the end

	// Late leaves what the files have at the start for the end.
	Late bool

	// RotationTime is how long a rotation, and the lines after it, may wait for the file to
	// be sealed; zero: as long as that takes.
	RotationTime time.Duration

	// Seal seals one of the files. Its errors name it.
	Seal func(ctx context.Context, path string, o seal.Options) (seal.Sealed, error)
}

func newSealer(o *Seal, reports *report.Reporter) *sealer {
	s := &sealer{options: o, reports: reports, done: make(chan struct{})}
	if o.Every > 0 {
		s.ticks = time.Tick(o.Every)
	}
	for _, path := range o.Files {
		s.logs = append(s.logs, &sealing{path: path})
	}
	return s
}

// start starts sealing the files, until finish is called. The end of ctx ends sealing
// what they have at the start.
func (s *sealer) start(ctx context.Context) {
	s.logs = slices.DeleteFunc(s.logs, func(l *sealing) bool {
		st, err := os.Stat(l.path)
		if err != nil || !st.Mode().IsRegular() {
			return true
		}
		if st.Size() > 0 && !s.options.Late {
			s.background.Go(func() { s.seal(ctx, l) })
		}
		return false
	})
	if len(s.logs) == 0 && !s.spooled {
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
	o.After = l.last.Checkpoint
	sealed, err := s.options.Seal(ctx, l.path, o)
	if ctx.Err() != nil || errors.Is(err, seal.ErrBusy) {
		return // it is tried again later
	}
	said := ""
	if err != nil {
		said = err.Error()
	} else {
		l.last = sealed
	}
	switch {
	case said == l.said:
	case said == "":
		s.reports.Printf("%s is sealed again", l.path)
	default:
		s.reports.Errorf("%s", said)
	}
	l.said = said
}

// rotating seals a file that is about to be rotated, and keeps it from being sealed until
// done is called. It does not wait forever for another process that seals or verifies the
// file: what is then not sealed is left for the next time.
func (s *sealer) rotating(path string) (done func()) {
	i := slices.IndexFunc(s.logs, func(l *sealing) bool { return l.path == path })
	if i < 0 {
		return func() {}
	}
	l := s.logs[i]
	l.mu.Lock()
	ctx, cancel := context.Background(), func() {}
	if s.options.RotationTime > 0 {
		ctx, cancel = context.WithTimeout(ctx, s.options.RotationTime)
	}
	defer cancel()
	s.sealLocked(ctx, l, seal.Options{Closing: true, Wait: 5 * time.Second})
	return l.mu.Unlock
}

func (s *sealer) sealAll() {
	for _, l := range s.logs {
		s.seal(context.Background(), l)
	}
}

// NotSealedYet says that the last line of a log is unfinished.
const NotSealedYet = "the last line has no line feed, so it may still be written: it is not sealed yet"

// finish seals the files for the last time.
func (s *sealer) finish() {
	close(s.done)
	s.background.Wait()
	s.sealAll()
	for _, l := range s.logs {
		if l.last.Unended && l.said == "" {
			s.reports.Printf("%s: %s", l.path, NotSealedYet)
		}
	}
}
