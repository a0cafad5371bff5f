package input

import (
	"io"
	"sync"
	"time"

	"auditctl/cmd/internal/report"
	"auditctl/pkg/dialect"
	"auditctl/pkg/events"
	"auditctl/pkg/openfiles"
)

// A Source reads inputs. It is for one goroutine.
type Source interface {
	// Next fills b with the next lines of an input, or with the end of one. It returns
	// false when no input is left.
	Next(b *Block) bool

	// Close ends reading.
	Close()
}

// Options say how inputs are read.
type Options struct {
	// MaxLine is the most bytes of a line. A longer one comes in pieces.
	MaxLine int

	// AcceptAny allows inputs in formats without lines of JSON, AcceptArrays JSON arrays
	// with an element on each line. Others are an error.
	AcceptAny, AcceptArrays bool

	// From says what inputs are decoded from; nil: they are not.
	From *From

	// Originals keeps the records of which events were made, see [dialect.Origin]. Merge
	// does not.
	Originals bool

	// Overview decides which blocks of logs that have an index Sequence reads; nil: all are
	// read. QuietIndexes keeps it from saying which indexes are not used.
	Overview     Overview
	QuietIndexes bool

	// Prompt returns lines at once, rather than wait until the format is known.
	Prompt bool

	// Undivided returns the pieces of a line of a followed input without lines of other
	// inputs between them, which may hold those up.
	Undivided bool

	// MostOpen is how many files may be open at once where several are read together; 0:
	// as many as the system allows.
	MostOpen int

	// Directories are those in whose places logs are read. If these are followed, so are
	// others that appear below them.
	Directories []*Directory

	// Last makes reading begin with the last events; nil: with the first.
	Last *Last

	// Window is how late events of an input may be that are merged, see [Merge].
	Window time.Duration

	// Reports gets messages about inputs that a user should see.
	Reports *report.Reporter

	files *openfiles.Pool // opens files that are read together; nil: they are read in turn
	turn  *sync.Mutex     // not to be held while an input is waited for; may be nil
	piece int             // how many bytes are read at a time; 0: as many as there are
}

// A blockReader reads blocks of an input.
type blockReader interface {
	ReadBlock(b *dialect.Block) error
}

// newReader returns a reader of the lines of src as they are.
func newReader(src io.Reader, maxLine int) lineReader {
	r := events.NewReader(src)
	r.MaxLine = maxLine
	return lineReader{r}
}

type lineReader struct{ lines *events.Reader }

func (r lineReader) ReadBlock(b *dialect.Block) error {
	b.Origins, b.Read, b.Untimed = b.Origins[:0], 0, 0
	return r.lines.ReadBlock(&b.Block)
}
