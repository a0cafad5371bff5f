package input

import (
	"io"

	"auditctl/cmd/internal/report"
	"auditctl/pkg/events"
)

// A Source is how inputs are read. It is for one goroutine.
type Source interface {
	// Next fills b with the next lines of an input, or with how one ended. It returns
	// false when there is no input left.
	Next(b *Block) bool

	// Close ends the reading.
	Close()
}

// Options are how inputs are read.
type Options struct {
	// MaxLine is how many bytes the longest line has. A longer one comes in pieces.
	MaxLine int

	// AcceptAny reads inputs of formats without lines of JSON as well, AcceptArrays
	// JSON arrays with an element on each line. Others are refused with an error.
	AcceptAny, AcceptArrays bool

	// Prompt lets nothing that was read wait while the format is found out.
	Prompt bool

	// Undivided hands out the pieces of a line of a followed input without lines of
	// other inputs between them, for as long as that takes.
	Undivided bool

	// Last has the reading begin with the last events; nil: with the first.
	Last *Last

	// Reports is told what a user should know of an input.
	Reports *report.Reporter
}

// A blockReader is an events.Reader, or makes something of what one reads.
type blockReader interface {
	ReadBlock(b *events.Block) error
}

// newReader returns a Reader for lines of up to a length.
func newReader(src io.Reader, maxLine int) *events.Reader {
	r := events.NewReader(src)
	r.MaxLine = maxLine
	return r
}
