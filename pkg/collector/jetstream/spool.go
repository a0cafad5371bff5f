package jetstream

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"auditctl/pkg/collector"
	"auditctl/pkg/osfile"
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
//
// A line is [+ where an origin begins, or -], the id, and the line, with blanks
// between them.
type spool struct {
	dir    string
	lock   io.Closer
	sender *sender
	notice func(string)

	hurry chan struct{}
	done  chan struct{} // closed when nothing more is delivered

	mu       sync.Mutex
	more     *sync.Cond
	log      *collector.JSONL // the last segment
	end      mark             // behind what was synced
	appended mark             // behind what was appended
	closing  bool
	err      error // why nothing more is delivered

	// Of the delivery.
	at position
}

// A mark is a place in the spool.
type mark struct {
	Segment int   `json:"segment"`
	Offset  int64 `json:"offset"`
}

// A position is up to where a spool was delivered, and the sequence of the last
// message that is known to be in the stream.
type position struct {
	mark
	Stream   string `json:"stream"`
	Known    bool   `json:"known"` // the sequence is
	Sequence uint64 `json:"sequence"`
}

const positionFile = "position"

func segmentName(n int) string { return fmt.Sprintf("%08d.spool", n) }

// openSpool opens the spool of a directory and begins to deliver what is in it.
func openSpool(ctx context.Context, a Address, dir string, notice func(string)) (*spool, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if locked, err := osfile.TryLock(lock); err != nil || !locked {
		lock.Close()
		return nil, cmp.Or(err, fmt.Errorf("spool %s is in use: give each process a directory of its own", dir))
	}
	s := &spool{dir: dir, lock: lock, notice: notice, hurry: make(chan struct{}), done: make(chan struct{})}
	s.more = sync.NewCond(&s.mu)
	s.sender = newSender(a, retry{notice: notice, hurry: s.hurry})
	if err := s.recover(a); err != nil {
		lock.Close()
		return nil, err
	}
	context.AfterFunc(ctx, s.more.Broadcast)
	go s.run(ctx)
	return s, nil
}

// recover finds where the spool begins and ends, and takes back a line that was
// left torn, which was never said to be safe.
func (s *spool) recover(a Address) error {
	text, err := os.ReadFile(filepath.Join(s.dir, positionFile))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		s.at = position{mark: mark{Segment: 1}, Stream: a.Stream}
	case err != nil:
		return err
	default:
		if err := json.Unmarshal(text, &s.at); err != nil {
			return fmt.Errorf("%s: %w", filepath.Join(s.dir, positionFile), err)
		}
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
		s.end = mark{n, size}
	}
	s.appended = s.end
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
	f, err := os.OpenFile(path, os.O_RDWR, 0)
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

func (s *spool) openSegment() (err error) {
	s.log, err = collector.OpenJSONL(s.path(s.appended.Segment), &collector.JSONLOptions{Sync: collector.SyncAlways})
	return err
}

// append appends messages.
func (s *spool) append(messages []message) error {
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
	return s.openSegment()
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

// close waits until all is delivered, or cannot be now.
func (s *spool) close() error {
	s.mu.Lock()
	s.closing = true
	s.mu.Unlock()
	s.more.Broadcast()
	close(s.hurry)
	<-s.done
	s.sender.disconnect()
	err := s.err
	if errors.Is(err, errHurry) {
		err = nil
	}
	if err == nil && s.at.mark != s.end && s.notice != nil {
		s.notice(fmt.Sprintf("lines are left in %s: the next run with this spool delivers them", s.dir))
	}
	return cmp.Or(err, s.log.Close(), s.lock.Close())
}

// run delivers until the spool is closed and empty, or an error is final.
func (s *spool) run(ctx context.Context) {
	defer close(s.done)
	err := s.deliverAll(ctx)
	if ctx.Err() != nil {
		return // what comes now is kept for the next run
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

func (s *spool) deliverAll(ctx context.Context) error {
	if !s.at.Known {
		if err := s.begin(ctx); err != nil {
			return err
		}
	}
	for {
		end, ok := s.next(ctx)
		if !ok {
			return context.Cause(ctx)
		}
		if err := s.deliverTo(ctx, end); err != nil {
			return err
		}
	}
}

// begin keeps where the stream ends before the first line is sent.
func (s *spool) begin(ctx context.Context) error {
	tries := s.sender.retry.begin()
	for {
		err := s.sender.start(ctx)
		if err == nil {
			s.at.Known, s.at.Sequence = true, s.sender.last
			return s.keepPosition()
		}
		if ctx.Err() == nil && !mendable(err) {
			return plain(err)
		}
		if err := tries.wait(ctx, plain(err)); err != nil {
			return err
		}
	}
}

// next waits until there is something to deliver, and returns up to where. It
// returns false if there will be nothing.
func (s *spool) next(ctx context.Context) (end mark, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.at.mark == s.end && !s.closing && ctx.Err() == nil {
		s.more.Wait()
	}
	return s.end, s.at.mark != s.end && ctx.Err() == nil
}

// deliverTo delivers up to end.
func (s *spool) deliverTo(ctx context.Context, end mark) error {
	for s.at.Segment < end.Segment {
		st, err := os.Stat(s.path(s.at.Segment))
		if err != nil {
			return err
		}
		if err := s.deliverSegment(ctx, st.Size()); err != nil {
			return err
		}
		old := s.path(s.at.Segment)
		s.at.mark = mark{s.at.Segment + 1, 0}
		if err := cmp.Or(s.keepPosition(), os.Remove(old)); err != nil {
			return err
		}
	}
	return s.deliverSegment(ctx, end.Offset)
}

// deliverSegment delivers the segment at hand up to an offset, where a line ends.
func (s *spool) deliverSegment(ctx context.Context, end int64) error {
	if s.at.Offset == end {
		return nil
	}
	f, err := os.Open(s.path(s.at.Segment))
	if err != nil {
		return err
	}
	defer f.Close()
	in := bufio.NewReaderSize(io.NewSectionReader(f, s.at.Offset, end-s.at.Offset), 256<<10)
	lines := newLabeller(s.sender.address.Subject)
	for s.at.Offset < end {
		var messages []message
		offset, size := s.at.Offset, 0
		for offset < end && len(messages) < batchLines && size < batchBytes {
			record, err := in.ReadBytes('\n')
			if err != nil {
				return err
			}
			offset += int64(len(record))
			m, err := parseRecord(record, lines)
			if err != nil {
				return fmt.Errorf("%s: %w", f.Name(), err)
			}
			messages = append(messages, m)
			size += m.size()
		}
		if err := s.sender.deliver(ctx, messages); err != nil {
			return err
		}
		s.at.Offset, s.at.Sequence = offset, s.sender.last
		if err := s.keepPosition(); err != nil {
			return err
		}
	}
	return nil
}

// keepPosition writes the position to the disk. It need not be the newest one:
// what was delivered behind it is found in the stream.
func (s *spool) keepPosition() error {
	text, err := json.Marshal(s.at)
	if err != nil {
		return err
	}
	path := filepath.Join(s.dir, positionFile)
	f, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(append(text, '\n'))
	if err := cmp.Or(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

func appendRecord(dst *bytes.Buffer, m *message) {
	begins := byte('-')
	if m.begins {
		begins = '+'
	}
	dst.WriteByte(begins)
	dst.WriteString(" " + m.id + " ")
	dst.Write(m.line)
	dst.WriteByte('\n')
}

func parseRecord(record []byte, lines *labeller) (message, error) {
	mark, rest, ok := bytes.Cut(bytes.TrimSuffix(record, []byte("\n")), []byte(" "))
	id, line, found := bytes.Cut(rest, []byte(" "))
	if !ok || !found || len(mark) != 1 {
		return message{}, errors.New("not a spool of auditctl")
	}
	return message{subject: lines.subjectOf(line), id: string(id), line: line, begins: mark[0] == '+'}, nil
}
