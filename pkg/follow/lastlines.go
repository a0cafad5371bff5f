package follow

import (
	"bytes"
	"io"
)

// lastBlock is how many bytes LastLines reads at least at a time.
const lastBlock = 64 << 10

// Last says which lines [LastLines] looks for.
type Last struct {
	N       int64                  // so many, or all if there are fewer
	Counts  func(line []byte) bool // which lines count; it gets them without line feed
	MaxLine int                    // lines that are longer do not count
	Torn    bool                   // a last line without line feed is one, too
}

// LastLines returns where the last lines of a file of some size begin. It reads
// the file from its end, and no more of it than it must.
func LastLines(r io.ReaderAt, size int64, last Last) (int64, error) {
	left := last.N
	start := size    // of the lines that were looked at
	var rest []byte  // what was read of the one before
	long := false    // that one is too long, and not kept
	whole := false   // it has its line feed
	var block []byte // what was read before that
	for from := size; from > 0; {
		n := min(from, int64(max(lastBlock, len(rest))))
		from -= n
		if int64(cap(block)) < n {
			block = make([]byte, n)
		}
		block = block[:n]
		switch got, err := r.ReadAt(block, from); {
		case int64(got) == n:
		case err == io.EOF:
			return 0, nil // it has become shorter
		default:
			return 0, err
		}
		for read := block; ; {
			feed := bytes.LastIndexByte(read, '\n')
			head := read[feed+1:]
			if long = long || len(head)+len(rest) > last.MaxLine; long {
				rest = nil
			} else if len(rest) > 0 || feed < 0 && from > 0 {
				rest = append(bytes.Clone(head), rest...)
				head = rest
			}
			if feed < 0 && from > 0 {
				break
			}
			at := from + int64(feed) + 1
			if whole || last.Torn && at < start {
				if last.N == 0 {
					return start, nil
				}
				if !long && last.Counts(head) {
					left--
				}
				if left == 0 {
					return at, nil
				}
			}
			start, rest, long, whole = at, rest[:0], false, true
			if feed < 0 {
				break
			}
			read = read[:feed]
		}
	}
	return start, nil
}
