package message

import "fmt"

// Limits of a batch.
const (
	BatchLines = 1000    // the default limit of servers
	BatchBytes = 4 << 20 // unless a single line is larger
)

// A TooLongError is the error for a line that is longer than a message may be.
type TooLongError struct{ Length, Most int }

func (e TooLongError) Error() string {
	return fmt.Sprintf("a line of %d bytes, the stream takes %d: raise max_payload of the server, up to 64MB, and max_msg_size of the stream", e.Length, e.Most)
}
