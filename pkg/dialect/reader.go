package dialect

import (
	"bytes"
	"errors"
	"io"
	"time"

	"auditctl/pkg/events"
	"auditctl/pkg/records"
)

// A Form is how the records of a log are laid out.
type Form byte

// The forms.
const (
	Lines    Form = iota // one on each line
	Document             // as package records reads them
)

// A Reader reads the events of a log. Records that are events are passed on as they are,
// on one line; others are decoded. It is not safe for concurrent use.
type Reader struct {
	dialect *Dialect
	decoder Decoder // nil: nothing is decoded
	maxLine int
	lines   *events.Reader  // nil for a document
	records *records.Reader // nil for lines
	line    int64           // the last one that was read, of lines
	scanner events.Scanner
	untimed int64     // events so far
	arrived time.Time // when the record did that is in no log

	respeller respeller

	of         func(*events.Scanner) *Dialect
	newDecoder func(*Dialect) Decoder // nil: no dialect is to be recognized
	unknown    int                    // how many records told nothing about it
}

// MaxUnknown is how many records at the beginning of a log may tell nothing about its
// dialect before it is taken to have none.
const MaxUnknown = 32

// NewReader returns a Reader of src, whose records are decoded by decoder, a Decoder of d.
// If d is nil, only events are read. maxLine is the longest record in bytes.
func NewReader(src io.Reader, form Form, d *Dialect, decoder Decoder, maxLine int) *Reader {
	r := &Reader{dialect: d, decoder: decoder, maxLine: maxLine}
	if form == Document {
		r.records = records.NewReader(src)
		r.records.MaxLen = maxLine
	} else {
		r.lines = events.NewReader(src)
		r.lines.MaxLine = maxLine
	}
	return r
}

// Recognize makes r, which was made without a dialect, look for one in the first records:
// if of returns the dialect that one of them is certainly of, newDecoder is called, and
// its Decoder decodes that record and those after it. Records before it are none.
func (r *Reader) Recognize(of func(*events.Scanner) *Dialect, newDecoder func(*Dialect) Decoder) {
	r.of, r.newDecoder = of, newDecoder
}

// Restart makes another Decoder decode the records that follow. It may be called while r
// reads from its source.
func (r *Reader) Restart(decoder Decoder) { r.decoder, r.untimed = decoder, 0 }

// recognize looks for the dialect of the record that was scanned.
func (r *Reader) recognize(isEvent bool) {
	if r.unknown++; isEvent || r.unknown > MaxUnknown {
		r.newDecoder = nil
		return
	}
	if r.dialect = r.of(&r.scanner); r.dialect != nil {
		r.decoder, r.newDecoder = r.newDecoder(r.dialect), nil
	}
}

// A Block is some events of a log, and records that are none. Its memory is used again
// when it is passed to [Reader.ReadBlock] again.
type Block struct {
	// Lines holds the lines of events, and records that are none as they are in the log.
	// A record that is longer than the limit can come in pieces, see events.Block.
	events.Block

	// Origins say where the lines are from, in their order.
	Origins []Origin

	// Untimed is how many of the events have no timestamp since that of the record could not
	// be read.
	Untimed int64

	// Read is how many bytes of lines the block is from, with blank ones; 0 for a document.
	Read int

	decoded []byte
	source  events.Block
	records records.Block
}

// An Origin is a record of a log that became lines of a Block.
type Origin struct {
	Text   []byte // the record, as it is in the log
	Line   int64  // where it begins, from 1
	Column int    // in bytes, from 1
	End    int    // where its lines end in Block.Lines

	// Err says why the record is no event, and where in the log. If it is none of a dialect at
	// all, that is Unknown. Text that Continues is a further piece of a record that is no
	// event.
	Err       *events.SyntaxError
	Unknown   *Dialect
	Continues bool
}

// ReadBlock reads the next block into b. At the end it returns [io.EOF]; what was read
// before an error is returned before the error is. A block can be empty.
func (r *Reader) ReadBlock(b *Block) error {
	b.Block, b.Read = events.Block{}, 0
	b.Origins, b.decoded = b.Origins[:0], b.decoded[:0]
	if cap(b.decoded) > 4*events.BlockSize {
		b.decoded = nil
	}
	read := r.readLines
	if r.records != nil {
		read = r.readRecords
	}
	err := read(b)
	b.Untimed = 0
	if decoder, ok := r.decoder.(untimer); ok {
		untimed := decoder.Untimed()
		b.Untimed, r.untimed = untimed-r.untimed, untimed
	}
	return err
}

func (r *Reader) readLines(b *Block) error {
	if err := r.lines.ReadBlock(&b.source); err != nil {
		return err
	}
	b.Read = len(b.source.Lines)
	if b.source.Piece {
		if !b.source.Continues {
			r.line++
		}
		b.Lines, b.Piece, b.Continues = b.source.Lines, true, b.source.Continues
		b.Origins = append(b.Origins, Origin{Line: r.line, Column: 1, End: len(b.Lines)})
		return nil
	}
	for rest := b.source.Lines; len(rest) > 0; {
		err := r.scanner.ScanFirst(rest)
		line := r.scanner.Line()
		rest = rest[len(line)+1:]
		r.line++
		if err != nil && events.Blank(line) {
			continue
		}
		r.add(b, &records.Record{Text: line, Line: r.line, Column: 1}, err)
	}
	b.Lines = b.decoded
	return nil
}

func (r *Reader) readRecords(b *Block) error {
	if err := r.records.Read(&b.records); err != nil {
		return err
	}
	for i := range b.records.Records {
		record := &b.records.Records[i]
		switch {
		case record.Continues:
			b.decoded = append(append(b.decoded, record.Text...), '\n')
			b.Origins = append(b.Origins, Origin{Text: record.Text, Line: record.Line, Column: record.Column, End: len(b.decoded), Continues: true})
		case record.Reason != "":
			r.refuse(b, record, &events.SyntaxError{Column: record.At + 1, Reason: record.Reason})
		default:
			r.add(b, record, r.scanner.Scan(record.Text))
		}
	}
	b.Lines = b.decoded
	return nil
}

// add appends what becomes of a record, which was scanned with an error or without.
func (r *Reader) add(b *Block, record *records.Record, err error) {
	if len(record.Text) > r.maxLine {
		err = &events.SyntaxError{Column: 1, Reason: events.TooLong(r.maxLine)}
	}
	if err == nil {
		_, notEvent := r.scanner.Event()
		if r.newDecoder != nil {
			r.recognize(notEvent == nil)
		}
		switch {
		case notEvent == nil && (r.dialect == nil || !r.dialect.Tagged):
			b.decoded = appendLine(b.decoded, record.Text)
		case r.decoder == nil:
			err = notEvent
		default:
			b.decoded, err = r.decode(b.decoded, record.Line)
		}
	}
	if err != nil {
		r.refuse(b, record, err)
		return
	}
	b.Origins = append(b.Origins, Origin{Text: record.Text, Line: record.Line, Column: record.Column, End: len(b.decoded)})
}

// decode appends the events of a record at a line, which was scanned.
func (r *Reader) decode(dst []byte, line int64) ([]byte, error) {
	if plain := r.respeller.plain(&r.scanner); plain != nil {
		if err := r.scanner.Scan(plain); err != nil {
			return dst, err
		}
	}
	return r.decoder.Decode(dst, Record{Scanner: &r.scanner, Line: line, Arrived: r.arrived})
}

// refuse appends a record that is no event.
func (r *Reader) refuse(b *Block, record *records.Record, err error) {
	var syntax *events.SyntaxError
	if !errors.As(err, &syntax) {
		syntax = &events.SyntaxError{Column: 1, Reason: err.Error()}
	}
	b.decoded = append(append(b.decoded, record.Text...), '\n')
	at := events.SyntaxError{Reason: syntax.Reason}
	at.Line, at.Column = record.Position(min(max(syntax.Column-1, 0), len(record.Text)))
	origin := Origin{Text: record.Text, Line: record.Line, Column: record.Column, End: len(b.decoded), Err: &at}
	if IsUnknown(err) {
		origin.Unknown = r.dialect
	}
	b.Origins = append(b.Origins, origin)
}

// appendLine appends a record on one line, with a line feed.
func appendLine(dst, record []byte) []byte {
	for {
		feed := bytes.IndexByte(record, '\n')
		if feed < 0 {
			return append(append(dst, record...), '\n')
		}
		dst = append(dst, bytes.TrimRight(record[:feed], " \t\r")...)
		record = bytes.TrimLeft(record[feed+1:], " \t\r")
	}
}
