package sequence

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"

	"auditctl/pkg/events"
)

// A state is what the file of a Counter has: a JSON object on a line of stateSize bytes,
// which is overwritten in place. So that takes no space on a full disk.
type state struct {
	last Number // the last number given out; without an epoch if there is none

	// size is that of the log after it, unknown if the log was not there. If the log has
	// that size, its end need not be read.
	size int64
}

const (
	stateSize = 96
	unknown   = -1
)

// stateStart is what a file begins with that is a state, even a damaged one.
const stateStart = `{"` + SeqKey + `": `

func (s state) text() []byte {
	text := fmt.Appendf(nil, `{"%s": %d, "%s": "%s", "log_size": %d}`, SeqKey, s.last.Seq, EpochKey, s.last.Epoch, s.size)
	return append(append(text, bytes.Repeat([]byte{' '}, stateSize-1-len(text))...), '\n')
}

func (s state) write(f io.WriterAt) error {
	_, err := f.WriteAt(s.text(), 0)
	return err
}

var errNoCounter = errors.New("it is not a counter of numbered events: move it away")

// readState reads a file. A damaged one is as good as none; but it is an error if the file
// was never a state, since it would be overwritten.
func readState(f file) (s state, err error) {
	var buf [stateSize + 1]byte
	n, err := f.ReadAt(buf[:], 0)
	if err != nil && err != io.EOF {
		return s, err
	}
	text := buf[:n]
	known := bytes.HasPrefix(text, []byte(stateStart)) || len(bytes.Trim(text, "\x00")) == 0
	if n > stateSize || !known {
		return s, &fs.PathError{Op: "open", Path: f.Name(), Err: errNoCounter}
	}
	s, ok := parseState(text)
	if !ok {
		s = state{size: unknown}
	}
	return s, nil
}

func parseState(text []byte) (s state, ok bool) {
	var scanner events.Scanner
	if err := scanner.Scan(bytes.TrimSuffix(text, []byte{'\n'})); err != nil {
		return s, false
	}
	s.last, ok = ParseNumber(scanner.Lookup(SeqKey), scanner.Lookup(EpochKey))
	var err error
	s.size, err = strconv.ParseInt(string(scanner.Lookup("log_size")), 10, 64)
	return s, ok && err == nil && bytes.Equal(s.text(), text)
}
