package fanout

import (
	"bytes"
	"cmp"
	"io"
	"os"

	"auditctl/pkg/compress"
)

// begin returns a stream that begins with the header, if there is one.
func (r Role) begin(stream sink) sink {
	if len(r.Header) == 0 {
		return stream
	}
	return &headed{stream, r.Header}
}

// A headed is a stream that begins with a header, even if no lines follow.
type headed struct {
	sink
	header []byte // nil once it was written
}

func (h *headed) EmitLines(lines []byte) error {
	return cmp.Or(h.begin(), h.sink.EmitLines(lines)) // which returns the same error
}

func (h *headed) begin() (err error) {
	if h.header != nil {
		err = h.sink.EmitLines(h.header)
		h.header = nil
	}
	return err
}

func (h *headed) Close() error { return cmp.Or(h.begin(), h.sink.Close()) }

// otherHeader reports whether a file is known to begin with anything but a header: rows
// would be taken for what they are not.
func otherHeader(path string, header []byte) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	content := compress.NewReader(f)
	defer content.Close()
	head := make([]byte, len(header))
	n, err := io.ReadFull(content, head)
	return (err == nil || err == io.ErrUnexpectedEOF) && !bytes.Equal(head[:n], header)
}
