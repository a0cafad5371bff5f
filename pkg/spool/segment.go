package spool

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"os"

	"auditctl/pkg/internal/osfile"
)

// segmentSize is the size at which a new segment is begun.
const segmentSize = 1 << 20

// Marks of waiting lines.
const (
	waits     = '+'
	begun     = '~' // it waits, and a part of it was written
	delivered = '-'
)

// put adds lines to the queue and syncs them to disk. partly says that a part of the first
// one was written to the destination.
func (q *Queue) put(lines []byte, partly bool) error {
	unlock, err := q.lockFiles()
	if err != nil {
		return err
	}
	f, err := q.append(lines, partly)
	unlock()
	if err != nil {
		return err
	}
	// Others may add lines meanwhile. A sync is for theirs as well, so many processes need
	// few of them. The directory is synced each time: whoever created the file may have
	// been killed before that.
	return cmp.Or(f.Sync(), f.Close(), q.spool.disk.Sync("."))
}

// append appends lines to the last segment, or begins one. The files must be locked.
func (q *Queue) append(lines []byte, partly bool) (osfile.File, error) {
	var records bytes.Buffer
	for line := range bytes.Lines(lines) {
		mark := byte(waits)
		if partly {
			mark, partly = begun, false
		}
		records.WriteByte(mark)
		records.Write(line)
	}
	f, end, err := q.last()
	if err != nil {
		return nil, err
	}
	if _, err = f.WriteAt(records.Bytes(), end); err != nil {
		err = cmp.Or(err, f.Truncate(end))
		f.Close()
		return nil, err
	}
	return f, nil
}

// last opens the segment that lines are to be appended to, and returns its end.
func (q *Queue) last() (f osfile.File, end int64, err error) {
	segments, err := q.spool.segments(q.prefix)
	if err != nil {
		return nil, 0, err
	}
	next := 1
	if len(segments) > 0 {
		n := segments[len(segments)-1]
		next = n + 1
		f, err = q.open(n)
		if err == nil {
			if end, err = cutTorn(f); err == nil && end < segmentSize {
				return f, end, nil
			}
			f.Close()
		}
		// If it cannot be used, the lines go into the next one.
	}
	f, err = q.spool.disk.Open(segmentName(q.prefix, next), os.O_RDWR|os.O_CREATE|os.O_EXCL|osfile.NoFollow)
	return f, 0, err
}

func (q *Queue) open(segment int) (osfile.File, error) {
	return q.spool.disk.Open(segmentName(q.prefix, segment), os.O_RDWR|osfile.NoFollow)
}

// cutTorn truncates a segment to its last complete line, and returns its size. What is cut
// off was written by a process that was killed meanwhile.
func cutTorn(f osfile.File) (int64, error) {
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, err
	}
	buf := make([]byte, 4<<10)
	for end := size; end > 0; {
		n := min(int64(len(buf)), end)
		if _, err := f.ReadAt(buf[:n], end-n); err != nil && !errors.Is(err, io.EOF) {
			return 0, err
		}
		if i := bytes.LastIndexByte(buf[:n], '\n'); i >= 0 {
			if end += int64(i) + 1 - n; end == size {
				return size, nil
			}
			return end, f.Truncate(end)
		}
		end -= n
	}
	if size == 0 {
		return 0, nil
	}
	return 0, f.Truncate(0)
}
