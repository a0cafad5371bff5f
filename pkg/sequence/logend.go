package sequence

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"

	"auditctl/pkg/compress"
	"auditctl/pkg/events"
	"auditctl/pkg/internal/osfile"
)

// lastNumber returns the number of the last event of a log that has one, or none if there
// is none.
func lastNumber(log string) (Number, error) {
	f, err := osfile.OpenRegular(log, os.O_RDONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return Number{}, nil
	}
	if err != nil {
		return Number{}, err
	}
	defer f.Close()
	var head [compress.HeadSize]byte
	n, err := f.ReadAt(head[:], 0)
	if err != nil && err != io.EOF {
		return Number{}, err
	}
	if format, _ := compress.Detect(head[:n]); format != compress.None {
		return lastOfCompressed(f)
	}
	return lastOf(f)
}

// The end of a log is read from tailSize bytes up to maxTail.
const (
	tailSize = 64 << 10
	maxTail  = events.DefaultMaxLine
)

var errFar = errors.New("the last numbered event is too far from the end")

// lastOf looks for the last number in the end of a log, and in twice as much of it as long
// as there is none.
func lastOf(f *os.File) (Number, error) {
	st, err := f.Stat()
	if err != nil {
		return Number{}, err
	}
	var s events.Scanner
	for size := int64(tailSize); size <= maxTail; size *= 2 {
		start := max(st.Size()-size, 0)
		tail := make([]byte, st.Size()-start)
		if _, err := f.ReadAt(tail, start); err != nil {
			return Number{}, err
		}
		if start > 0 { // within a line
			tail = tail[bytes.IndexByte(tail, '\n')+1:]
		}
		if last, ok := lastIn(tail, &s); ok || start == 0 {
			return last, nil
		}
	}
	return Number{}, errFar
}

// lastOfCompressed reads all of a compressed log.
func lastOfCompressed(f *os.File) (last Number, err error) {
	content := compress.NewReader(f)
	defer content.Close()
	r := events.NewReader(content)
	var b events.Block
	var s events.Scanner
	for {
		if err := r.ReadBlock(&b); err == io.EOF {
			return last, nil
		} else if err != nil {
			return Number{}, err
		}
		if n, ok := lastIn(b.Lines, &s); ok {
			last = n
		}
	}
}

// lastIn returns the last number in lines.
func lastIn(lines []byte, s *events.Scanner) (Number, bool) {
	for len(lines) > 0 {
		lines = bytes.TrimSuffix(lines, []byte{'\n'})
		start := bytes.LastIndexByte(lines, '\n') + 1
		if line := lines[start:]; mayHave(line) && s.Scan(line) == nil {
			if n, ok := NumberOf(s); ok {
				return n, true
			}
		}
		lines = lines[:start]
	}
	return Number{}, false
}

// mayHave reports whether a line may have a number.
func mayHave(line []byte) bool {
	return bytes.Contains(line, []byte(`"`+SeqKey)) || bytes.IndexByte(line, '\\') >= 0
}
