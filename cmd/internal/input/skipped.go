package input

import (
	"bytes"
	"io"
	"os"

	"auditctl/pkg/events"
)

// skippedLines are the lines of an input before the first one that is read. They are
// counted only when a message needs a line number.
type skippedLines struct {
	file    *os.File // nil once they are counted
	from    int64
	size    int64
	shared  bool // file is not to be closed
	counted int64
}

// newSkippedLines returns the lines in size bytes of a file. It opens the file again,
// since f may be closed before they are counted.
func newSkippedLines(in *Input, f *os.File, from, size int64) *skippedLines {
	s := &skippedLines{file: f, from: from, size: size, shared: true}
	if in.path == "-" {
		return s
	}
	again, err := os.Open(in.path)
	if err != nil {
		return nil
	}
	s.file, s.shared = again, false
	have, err := again.Stat()
	want, otherErr := f.Stat()
	if err != nil || otherErr != nil || !os.SameFile(have, want) {
		s.close()
		return nil
	}
	return s
}

// count returns how many lines there are, or how many are still there.
func (s *skippedLines) count() int64 {
	if s.file != nil {
		src := io.NewSectionReader(s.file, s.from, s.size)
		for buf := make([]byte, events.BlockSize); ; {
			n, err := src.Read(buf)
			s.counted += int64(bytes.Count(buf[:n], []byte("\n")))
			if err != nil {
				break
			}
		}
		s.close()
	}
	return s.counted
}

func (s *skippedLines) close() {
	if s.file != nil && !s.shared {
		s.file.Close()
	}
	s.file = nil
}
