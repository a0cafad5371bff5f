package input

import (
	"bytes"
	"io"
	"sync"

	"auditctl/pkg/events"
)

// skippedLines are the lines of an input before the first one that is read. They are
// counted only when a message needs a line number.
type skippedLines struct {
	mu      sync.Mutex
	file    file // nil once they are counted
	from    int64
	size    int64
	shared  bool // file is not to be closed
	counted int64
}

// newSkippedLines returns the lines in size bytes of a file. It opens the file again,
// since f may be closed before they are counted.
func newSkippedLines(in *Input, f file, from, size int64) *skippedLines {
	s := &skippedLines{file: f, from: from, size: size, shared: in.path == "-"}
	if !s.shared {
		s.file = again(f, in.path)
	}
	if s.file == nil {
		return nil
	}
	return s
}

// forgetSkipped says that the lines before the first one that is read count no longer.
func (in *Input) forgetSkipped() {
	if in.skipped != nil {
		in.skipped.close()
		in.skipped = nil
	}
}

// count returns how many lines there are, or how many are still there; none if s is nil.
// It can be called concurrently.
func (s *skippedLines) count() int64 {
	if s == nil {
		return 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
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
