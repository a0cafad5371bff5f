package jetstream

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
	"strconv"
	"strings"
	"sync"

	"auditctl/pkg/collector"
	"auditctl/pkg/collector/jetstream/internal/message"
	"auditctl/pkg/internal/osfile"
)

// segmentSize is from how many bytes on a new segment is begun. What was
// delivered is deleted segment by segment.
const segmentSize = 16 << 20

// A spool keeps messages in a directory until they are in the stream, and brings
// them there in their order.
//
//	lock            held by the process that has the spool
//	position        up to where it was delivered: a JSON object
//	N.spool         messages, one a line; the next ones are in N+1.spool
//	too-long.jsonl  lines that the stream does not take
type spool struct {
	dir    string
	lock   io.Closer
	sender *sender

	hurry   context.Context // ended: only what can be delivered at once is
	hurryUp context.CancelFunc
	done    chan struct{} // closed when nothing more is delivered

	mu       sync.Mutex
	more     *sync.Cond
	log      *collector.JSONL // the last segment
	end      mark             // behind what was synced
	appended mark             // behind what was appended
	closing  bool
	err      error // why nothing more is delivered

	// Of the delivery.
	at    position
	aside int   // lines that were set aside
	why   error // it ended with lines left; nil: it did not, or was interrupted
}

func segmentName(n int) string { return fmt.Sprintf("%08d.spool", n) }

// openSpool opens the spool of a directory and begins to deliver what is in it.
func openSpool(ctx context.Context, a Address, dir string, r retry) (*spool, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	// What others put there would be delivered, or written over. A group may share it.
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
	s := &spool{dir: dir, lock: lock, done: make(chan struct{})}
	s.hurry, s.hurryUp = context.WithCancel(context.Background())
	s.more = sync.NewCond(&s.mu)
	r.hurry = s.hurry
	s.sender = newSender(a, r)
	if err := s.recover(a); err != nil {
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

// recover finds where the spool begins and ends, and takes back a line that was
// left torn, which was never said to be safe.
func (s *spool) recover(a Address) error {
	var err error
	if s.at, err = readPosition(s.dir, a.Stream); err != nil {
		return err
	}
	if s.at.Stream != a.Stream {
		return fmt.Errorf("spool %s holds lines for stream %s: use another directory", s.dir, s.at.Stream)
	}
	if s.at.Known {
		s.sender.resume(s.at.Sequence)
	}
	segments, err := s.segments()
	if err != nil {
		return err
	}
	s.end = s.at.mark
	for _, n := range segments {
		if n < s.at.Segment { // it was delivered
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

// segments returns the numbers of the segments there are, in their order.
func (s *spool) segments() (numbers []int, err error) {
	entries, err := os.ReadDir(s.dir)
	for _, entry := range entries {
		name, ok := strings.CutSuffix(entry.Name(), ".spool")
		if n, err := strconv.Atoi(name); ok && err == nil {
			numbers = append(numbers, n)
		}
	}
	return numbers, err
}

func (s *spool) path(segment int) string { return filepath.Join(s.dir, segmentName(segment)) }

// cutTorn cuts a segment back to its last whole line, and returns its size.
func cutTorn(path string) (int64, error) {
	f, err := osfile.OpenRegular(path, os.O_RDWR|osfile.NoFollow, 0)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, err
	}
	buf := make([]byte, 64<<10)
	for whole := size; whole > 0; {
		n := min(int64(len(buf)), whole)
		if _, err := f.ReadAt(buf[:n], whole-n); err != nil {
			return 0, err
		}
		if i := bytes.LastIndexByte(buf[:n], '\n'); i >= 0 {
			whole += int64(i) + 1 - n
			return whole, f.Truncate(whole)
		}
		whole -= n
	}
	return 0, f.Truncate(0)
}

// newSegment begins a segment, whose name is free.
func (s *spool) newSegment() error {
	f, err := osfile.CreateNew(s.path(s.appended.Segment))
	if err != nil {
		return err
	}
	return cmp.Or(f.Close(), s.openSegment())
}

func (s *spool) openSegment() (err error) {
	s.log, err = collector.OpenJSONL(s.path(s.appended.Segment), &collector.JSONLOptions{Sync: collector.SyncAlways})
	return err
}

// append appends messages.
func (s *spool) append(messages []message.Message) error {
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

// flush returns once what was appended is on the disk.
func (s *spool) flush() error {
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

// close waits until all is delivered, or cannot be now. That a server is away is no
// error: the next run delivers. That lines are refused is.
func (s *spool) close() error {
	s.mu.Lock()
	s.closing = true
	s.mu.Unlock()
	s.more.Broadcast()
	s.hurryUp()
	<-s.done
	s.sender.disconnect()
	err := s.err
	switch left := err == nil && s.at.mark != s.end; {
	case left && s.why != nil && !errors.As(s.why, new(hurryError)):
		err = fmt.Errorf("%w: lines are left in %s, and delivered by the next run with this spool when that is mended", s.why, s.dir)
	case left:
		s.sender.retry.tell("lines are left in %s (%v): the next run with this spool delivers them", s.dir, cmp.Or(s.why, errInterrupted))
	case err == nil && s.aside > 0:
		err = fmt.Errorf("lines too long for the stream: %d, in %s now", s.aside, s.asidePath())
	}
	return cmp.Or(err, s.log.Close(), s.lock.Close())
}

var errInterrupted = errors.New("interrupted")
