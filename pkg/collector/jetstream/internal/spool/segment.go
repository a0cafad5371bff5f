package spool

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"auditctl/pkg/collector"
	"auditctl/pkg/internal/osfile"
)

// segmentSize is the size at which a new segment is begun. Delivered lines are deleted
// segment by segment.
const segmentSize = 16 << 20

func segmentName(n int) string { return fmt.Sprintf("%08d.spool", n) }

// segments returns the numbers of the segments, in order.
func (s *Spool) segments() (numbers []int, err error) {
	entries, err := os.ReadDir(s.dir)
	for _, entry := range entries {
		name, ok := strings.CutSuffix(entry.Name(), ".spool")
		if n, err := strconv.Atoi(name); ok && err == nil {
			numbers = append(numbers, n)
		}
	}
	return numbers, err
}

func (s *Spool) path(segment int) string { return filepath.Join(s.dir, segmentName(segment)) }

// cutTorn truncates a segment to its last complete line, and returns its size.
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
	for end := size; end > 0; {
		n := min(int64(len(buf)), end)
		if _, err := f.ReadAt(buf[:n], end-n); err != nil {
			return 0, err
		}
		if i := bytes.LastIndexByte(buf[:n], '\n'); i >= 0 {
			end += int64(i) + 1 - n
			return end, f.Truncate(end)
		}
		end -= n
	}
	return 0, f.Truncate(0)
}

// newSegment begins a segment.
func (s *Spool) newSegment() error {
	f, err := osfile.CreateNew(s.path(s.appended.Segment))
	if err != nil {
		return err
	}
	return cmp.Or(f.Close(), s.openSegment())
}

func (s *Spool) openSegment() (err error) {
	s.log, err = collector.OpenJSONL(s.path(s.appended.Segment), &collector.JSONLOptions{Sync: collector.SyncAlways})
	return err
}
