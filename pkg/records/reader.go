// Package records cuts a JSON document into records, the objects of a log: the elements
// of an array, those of an array in an object such as {"Records": [...]}, or objects one
// after the other. Each may be spread over any number of lines. It reads a document of
// any size in constant memory.
package records

import (
	"bytes"
	"io"

	"auditctl/pkg/events"
)

// A Record is an object of a document, or text in the place of one.
type Record struct {
	Text   []byte // as it is in the document; not checked
	Line   int64  // where it begins, from 1
	Column int    // in bytes, from 1

	// Reason says what is wrong with text that is no record, and At at which of its bytes.
	// Text that Continues is the next piece of the same.
	Reason    string
	At        int
	Continues bool
}

// Position returns the line and column of a byte of the record.
func (r *Record) Position(at int) (line int64, column int) {
	before := r.Text[:at]
	feed := bytes.LastIndexByte(before, '\n')
	if feed < 0 {
		return r.Line, r.Column + at
	}
	return r.Line + int64(bytes.Count(before, []byte("\n"))), at - feed
}

// A Reader reads the records of a document. It asks its source for more only if it has no
// record at hand. After text that is no JSON it goes on at the next line that can be the
// beginning of a record. It is not safe for concurrent use.
type Reader struct {
	// MaxLen is the longest record in bytes. NewReader sets it to
	// events.DefaultMaxLine.
	MaxLen int

	src   io.Reader
	err   error
	carry []byte // read, and in no block yet

	text  []byte // read: what is being cut
	start int    // of text: where what is being cut begins
	at    int    // of text: the next byte to look at

	// Of text[start]:
	line   int64
	column int
	indent bool // nothing is before it on its line

	in     container
	state  state
	record cutter // of the record that is being cut
	most   int    // the column of the last record that began a line, 1 if none did, 0 before the first record
}

// A container is what records are in.
type container byte

const (
	top    container = iota
	array            // the document is one
	inner            // an array that is the first member of an object
	closed           // that object, after the array
)

// A state says what the text at start is.
type state byte

const (
	between state = iota // what is between records
	inside               // a record
	long                 // a further piece of a record that is too long
	broken               // a further piece of text that is no record
)

// A Block is some records. Its memory is used again when it is passed to [Reader.Read]
// again.
type Block struct {
	Records []Record
	buf     []byte
}

// NewReader returns a Reader of src.
func NewReader(src io.Reader) *Reader {
	return &Reader{MaxLen: events.DefaultMaxLine, src: src, line: 1, column: 1, indent: true}
}

// Read reads the next records into b. At the end it returns [io.EOF]; what was read before
// an error is returned before the error is.
func (r *Reader) Read(b *Block) error {
	b.Records = b.Records[:0]
	if size := cap(b.buf); size < events.BlockSize || size > 4*events.BlockSize && len(r.carry) < events.BlockSize {
		b.buf = make([]byte, 0, events.BlockSize)
	}
	r.text = append(b.buf[:0], r.carry...)
	for r.cut(b); len(b.Records) == 0 && r.err == nil; r.cut(b) {
		r.text = r.text[:copy(r.text, r.text[r.start:])]
		r.start, r.at = 0, r.at-r.start
		r.fill()
	}
	if len(b.Records) == 0 {
		r.end(b)
	}
	if r.carry = append(r.carry[:0], r.text[r.start:]...); cap(r.carry) > 4*events.BlockSize {
		r.carry = bytes.Clone(r.carry)
	}
	b.buf = r.text
	r.text, r.start, r.at = nil, 0, r.at-r.start
	if len(b.Records) == 0 {
		return r.err
	}
	return nil
}

// fill reads more text.
func (r *Reader) fill() {
	if len(r.text) == cap(r.text) {
		r.text = append(make([]byte, 0, 2*cap(r.text)), r.text...)
	}
	for range 100 {
		n, err := r.src.Read(r.text[len(r.text):cap(r.text)])
		r.text = r.text[:len(r.text)+n]
		if n > 0 || err != nil {
			r.err = err
			return
		}
	}
	r.err = io.ErrNoProgress
}

// cut appends the records in the text to b, until it needs more text.
func (r *Reader) cut(b *Block) {
	for more := false; !more && r.start < len(r.text); {
		switch r.state {
		case between:
			more = r.begin(b)
		case inside, long:
			more = r.cutRecord(b)
		case broken:
			more = r.resume(b)
		}
	}
}

// end appends what is left at the end of the document.
func (r *Reader) end(b *Block) {
	r.cut(b) // nothing waits for more text now
	switch left := len(r.text) - r.start; {
	case left == 0:
	case r.state == inside:
		r.take(b, len(r.text), "unexpected end of the document", left)
	default:
		r.take(b, len(r.text), "", 0)
	}
}

// begin passes over what is between records. It returns true if it needs more text.
func (r *Reader) begin(b *Block) (more bool) {
	for i := r.start; i < len(r.text); i++ {
		switch c := r.text[i]; {
		case isBlank(c) || c == '\n' || c == ',' && (r.in == array || r.in == inner):
			continue
		case c == '[' && r.in == top:
			r.in = array
			continue
		case c == ']' && r.in == array || c == '}' && r.in == closed:
			r.in = top
			continue
		case c == ']' && r.in == inner:
			r.in = closed
			continue
		case c == byteOrderMark[0]:
			switch rest := r.text[i:]; {
			case len(rest) < len(byteOrderMark) && r.err == nil:
				r.skip(i)
				return true
			case bytes.HasPrefix(rest, []byte(byteOrderMark)):
				i += len(byteOrderMark) - 1
				continue
			}
		case c == '{' && r.in == top:
			n, known := opening(r.text[i:])
			if !known && r.err == nil {
				r.skip(i)
				return true
			}
			if n > 0 {
				r.in = inner
				i += n - 1
				continue
			}
		}
		r.skip(i)
		if r.text[i] == '{' && r.in != closed {
			r.beginRecord()
			return false
		}
		reason := "not an object"
		if r.in == closed {
			reason = "text after the records"
		}
		r.take(b, i+1, reason, 0)
		r.state = broken
		return false
	}
	r.skip(len(r.text))
	return false
}

// beginRecord begins a record at start.
func (r *Reader) beginRecord() {
	r.state, r.at = inside, r.start
	r.record = cutter{open: r.record.open[:0]}
	if r.indent {
		r.most = r.column
	}
	r.most = max(r.most, 1)
}

// cutRecord looks for the end of the record. It returns true if it needs more text.
func (r *Reader) cutRecord(b *Block) (more bool) {
	n, reason := r.record.cut(r.text[r.at:])
	r.at += n
	switch ended := r.record.ended(); {
	case reason != "":
		at := r.at - r.start
		if r.state == long {
			reason, at = "", 0
		}
		r.take(b, r.at, reason, at)
		r.state = broken
		if r.text[r.start] == '{' && r.indent && r.column <= r.most {
			r.state = between // the end of the record is missing
		}
	case r.at-r.start > r.MaxLen && r.state == inside:
		r.take(b, r.at, events.TooLong(r.MaxLen), 0)
		if r.state = long; ended {
			r.state = between
		}
	case ended || r.state == long:
		if r.take(b, r.at, "", 0); ended {
			r.state = between
		}
	default:
		return true
	}
	return false
}

// resume passes over text that is no record, up to a line on which a record or the end of
// the container can begin. It returns true if it needs more text.
func (r *Reader) resume(b *Block) (more bool) {
	for r.at = r.start; ; {
		feed := bytes.IndexByte(r.text[r.at:], '\n')
		if feed < 0 {
			break
		}
		feed += r.at
		first := feed + 1
		for first < len(r.text) && (isBlank(r.text[first]) || r.text[first] == ',') {
			first++
		}
		if first == len(r.text) && r.err == nil {
			if feed > r.start {
				r.take(b, feed, "", 0)
			}
			return true
		}
		if column := first - feed; first < len(r.text) && column <= r.most && (r.text[first] == '{' || r.text[first] == ']') {
			r.take(b, feed, "", 0)
			r.state = between
			return false
		}
		r.at = feed + 1
	}
	r.take(b, len(r.text), "", 0)
	return false
}

// take appends the text up to end, which is a record if there is no reason why not.
func (r *Reader) take(b *Block, end int, reason string, at int) {
	text := r.text[r.start:end:end]
	if len(text) > 0 {
		b.Records = append(b.Records, Record{text, r.line, r.column, reason, at, r.state == long || r.state == broken})
	}
	r.skip(end)
}

// skip moves start to a later byte.
func (r *Reader) skip(to int) {
	passed := r.text[r.start:to]
	r.start, r.at = to, max(r.at, to)
	if feed := bytes.LastIndexByte(passed, '\n'); feed >= 0 {
		r.line += int64(bytes.Count(passed, []byte("\n")))
		passed = passed[feed+1:]
		r.column, r.indent = 1, true
	}
	r.column += len(passed)
	for _, c := range passed {
		r.indent = r.indent && isBlank(c)
	}
}

const byteOrderMark = "\ufeff"

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' }
