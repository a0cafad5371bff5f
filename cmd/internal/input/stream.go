package input

import "io"

// A Stream is the lines of a place that has a scheme. What is read is passed on by
// another goroutine, which acknowledges it.
type Stream interface {
	io.Reader

	// Wait waits until there is something to read.
	Wait() error

	// Ack acknowledges the first n bytes that were read.
	Ack(n int64)

	// Origin names the place, the same in every run; empty if lines cannot be read
	// again from the first one.
	Origin() string

	// Close ends the reading, which the end of a context does not: what was passed on
	// by then can be acknowledged. An error says that lines which were acknowledged
	// may come again.
	Close() error
}

// From has in read the lines of a stream, which messages call name.
func (in *Input) From(name string, s Stream) { in.name, in.stream = name, s }

// PassBytes counts n more bytes of a stream as passed on.
func (in *Input) PassBytes(n int) { in.passed += int64(n) }

// Acknowledge acknowledges what was passed on of a stream.
func (in *Input) Acknowledge() {
	if in.stream != nil && in.passed > 0 {
		in.stream.Ack(in.passed)
	}
}

// Close ends the reading of a stream, see [Stream].
func (in *Input) Close() error {
	if in.stream == nil {
		return nil
	}
	return in.stream.Close()
}
