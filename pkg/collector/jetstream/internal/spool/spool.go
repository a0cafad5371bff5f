package spool

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"auditctl/pkg/collector"
	"auditctl/pkg/collector/jetstream/internal/message"
	"auditctl/pkg/internal/osfile"
)

// A Spool keeps messages in a directory and delivers them to the stream in order. The
// directory has
//
//	lock            locked by the process that uses the spool
//	position        the end of what was delivered: a JSON object
//	N.spool         messages, one a line; the next ones are in N+1.spool
//	too-long.jsonl  lines that are too long for the stream
type Spool struct {
	dir    string
	lock   io.Closer
	sender Sender
	warn   func(format string, args ...any)

	hurry   context.Context // done if only what can be delivered at once should be
	hurryUp context.CancelFunc
	done    chan struct{} // closed when nothing more is delivered

	mu       sync.Mutex
	more     *sync.Cond
	log      *collector.JSONL // the last segment
	end      mark             // of what was synced
	appended mark             // the end of what was appended
	closing  bool
	err      error // why nothing more is delivered

	// Used by run only, and after that by Close.
	lines *message.Labeller
	at    position
	aside int   // the number of lines set aside
	why   error // why lines are left; nil if none are, or run was interrupted
}

// Options are options for [Open]. All fields must be set.
type Options struct {
	Dir     string // created if it does not exist
	Stream  string // the name of the stream that all lines of the spool are for
	Subject string // the prefix of subjects

	// Sender delivers messages. The Spool closes it, unless Open fails.
	Sender Sender

	// Warn is called with warnings for the user that are not errors.
	Warn func(format string, args ...any)
}

// Open opens the spool in a directory and delivers what is in it until ctx is done or the
// Spool is closed.
func Open(ctx context.Context, o Options) (*Spool, error) {
	dir := o.Dir
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	// Others could add lines, or links to be overwritten. A group may share it.
	if err := osfile.CheckPrivate(dir, 0o002); err != nil {
		return nil, fmt.Errorf("spool %w, or use another directory", err)
	}
	lock, err := osfile.OpenRegular(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE|osfile.NoFollow, 0o600)
	if err != nil {
		return nil, err
	}
	if locked, err := osfile.TryLock(lock); err != nil || !locked {
		lock.Close()
		return nil, cmp.Or(err, fmt.Errorf("spool %s is in use: give each process a directory of its own", dir))
	}
	s := &Spool{
		dir: dir, lock: lock, done: make(chan struct{}),
		sender: o.Sender, lines: message.NewLabeller(o.Subject), warn: o.Warn,
	}
	s.hurry, s.hurryUp = context.WithCancel(context.Background())
	s.more = sync.NewCond(&s.mu)
	if err := s.recover(o.Stream); err != nil {
		lock.Close()
		return nil, err
	}
	context.AfterFunc(ctx, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.more.Broadcast()
	})
	go s.run(ctx)
	return s, nil
}

// recover finds the beginning and the end of the spool, and removes an incomplete last line,
// which was never flushed.
func (s *Spool) recover(stream string) error {
	var err error
	if s.at, err = readPosition(s.dir, stream); err != nil {
		return err
	}
	if s.at.Stream != stream {
		return fmt.Errorf("spool %s holds lines for stream %s: use another directory", s.dir, s.at.Stream)
	}
	if s.at.Known {
		s.sender.Resume(s.at.Sequence)
	}
	segments, err := s.segments()
	if err != nil {
		return err
	}
	s.end = s.at.mark
	for _, n := range segments {
		if n < s.at.Segment { // already delivered
			if err := os.Remove(s.path(n)); err != nil {
				return err
			}
			continue
		}
		size, err := cutTorn(s.path(n))
		if err != nil {
			return err
		}
		if n == s.at.Segment && size < s.at.Offset {
			return fmt.Errorf("spool %s: %s is shorter than what was delivered of it: move it away", s.dir, s.path(n))
		}
		s.end = mark{n, size}
	}
	if len(segments) > 0 && s.end.Segment > s.at.Segment && !slices.Contains(segments, s.at.Segment) {
		return fmt.Errorf("spool %s: %s is missing, with lines in it", s.dir, s.path(s.at.Segment))
	}
	s.appended = s.end
	if len(segments) == 0 || s.end == s.at.mark && !slices.Contains(segments, s.end.Segment) {
		return s.newSegment()
	}
	return s.openSegment()
}

// Append appends messages. It does not keep them.
func (s *Spool) Append(messages []message.Message) error {
	var records bytes.Buffer
	for i := range messages {
		appendRecord(&records, &messages[i])
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return s.err
	}
	if records.Len() == 0 {
		return nil
	}
	if err := s.log.EmitLines(records.Bytes()); err != nil {
		return err
	}
	s.appended.Offset += int64(records.Len())
	if s.appended.Offset < segmentSize {
		return nil
	}
	if err := s.log.Close(); err != nil {
		return err
	}
	s.appended = mark{s.appended.Segment + 1, 0}
	s.end = s.appended
	s.more.Broadcast()
	return s.newSegment()
}

// Flush syncs what was appended to disk.
func (s *Spool) Flush() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return s.err
	}
	if s.end == s.appended {
		return nil
	}
	if err := s.log.Flush(); err != nil {
		return err
	}
	s.end = s.appended
	s.more.Broadcast()
	return nil
}

// Close waits until everything is delivered or cannot be delivered now. It is no error that
// a server is away, since the next run delivers the rest. If lines are refused, it is.
func (s *Spool) Close() error {
	s.mu.Lock()
	s.closing = true
	s.mu.Unlock()
	s.more.Broadcast()
	s.hurryUp()
	s.sender.Hurry()
	<-s.done
	s.sender.Close()
	err := s.err
	switch left := err == nil && s.at.mark != s.end; {
	case left && s.why != nil && !errors.As(s.why, new(LaterError)):
		err = fmt.Errorf("%w: lines are left in %s, and delivered by the next run with this spool when that is fixed", s.why, s.dir)
	case left:
		s.warn("lines are left in %s (%v): the next run with this spool delivers them", s.dir, cmp.Or(s.why, errInterrupted))
	case err == nil && s.aside > 0:
		err = fmt.Errorf("lines too long for the stream: %d, in %s now", s.aside, s.asidePath())
	}
	return cmp.Or(err, s.log.Close(), s.lock.Close())
}

var errInterrupted = errors.New("interrupted")
