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

// segmentSize is from how many bytes on a new segment is begun. What was
// delivered is deleted segment by segment.
const segmentSize = 16 << 20

func segmentName(n int) string { return fmt.Sprintf("%08d.spool", n) }

// segments returns the numbers of the segments there are, in their order.
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
