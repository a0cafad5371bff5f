package input

import "io"

// A Stream reads the lines of an address with a scheme. The goroutine that passes them
// on acknowledges them; it is not the one that reads.
type Stream interface {
	io.Reader

	// Wait waits until there is something to read.
	Wait() error

	// Ack acknowledges the first n bytes that were read in all.
	Ack(n int64)

	// Origin names the stream, the same in every run. It is empty if lines cannot be
	// read again from the first one.
	Origin() string

	// Close ends reading. No context does, so that what was passed on can still be
	// acknowledged. An error says that acknowledged lines may come again.
	Close() error
}

// From makes in read the lines of a stream, which messages call name.
func (in *Input) From(name string, s Stream) { in.name, in.stream = name, s }

// PassBytes counts n more bytes of a stream as passed on.
func (in *Input) PassBytes(n int) { in.passed += int64(n) }

// Acknowledge acknowledges what was passed on of a stream.
func (in *Input) Acknowledge() {
	if in.stream != nil && in.passed > 0 {
		in.stream.Ack(in.passed)
	}
}

// A refuser is a Stream whose senders wait for answers. It can refuse what was read and not
// acknowledged, which then comes again.
type refuser interface{ Refuse() }

// IsAwaited reports whether somebody waits for an answer to what is read. What is held
// back then counts as passed on: it cannot be waited for.
func (in *Input) IsAwaited() bool {
	_, ok := in.stream.(refuser)
	return ok
}

// Refuse says that what was passed on did not reach all of its destinations. Only an input
// that [Input.IsAwaited] can be refused.
func (in *Input) Refuse() { in.stream.(refuser).Refuse() }

// Close closes a stream, see [Stream].
func (in *Input) Close() error {
	if in.stream == nil {
		return nil
	}
	return in.stream.Close()
}
