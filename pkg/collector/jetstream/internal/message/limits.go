package message

import "fmt"

// So much is sent at once.
const (
	BatchLines = 1000    // as many as servers take at once unless told otherwise
	BatchBytes = 4 << 20 // unless one line alone has more
)

// A TooLongError is the error for a line that is longer than a message may be.
type TooLongError struct{ Length, Most int }

func (e TooLongError) Error() string {
	return fmt.Sprintf("a line of %d bytes, the stream takes %d: raise max_payload of the server, up to 64MB, and max_msg_size of the stream", e.Length, e.Most)
}
