package input

import (
	"bytes"
	"io"

	"auditctl/pkg/dialect"
	"auditctl/pkg/dialect/dialects"
	"auditctl/pkg/events"
	"auditctl/pkg/records"
)

// A detector finds out the layout of an input from its head.
type detector struct {
	from    *From
	scanner events.Scanner
	seen    int // how many bytes of the head were looked at
	unknown int // how many records in them told nothing
}

// layout returns the layout of data that begins with head, in a format that is known: nil
// for lines. It returns false if more of it is needed to tell. ended says that there is no
// more.
func (d *detector) layout(head []byte, is *Format, ended bool) (l layout, known bool) {
	if l.dialect = d.from.Dialect; is != nil && !is.json {
		return l, true
	}
	wrapped, known := records.Wrapped(head)
	empty := isEmptyArray(head)
	if is != nil || wrapped || empty {
		l.form = dialect.Document
	}
	switch {
	case (!known || empty) && !ended:
		return l, false
	case l.dialect != nil:
		return l, true
	case l.form == dialect.Document:
		return d.ofDocument(head, ended)
	}
	return d.ofLines(head, ended)
}

func (d *detector) ofLines(head []byte, ended bool) (l layout, known bool) {
	for d.seen < len(head) && d.unknown < dialect.MaxUnknown {
		rest := head[d.seen:]
		feed := bytes.IndexByte(rest, '\n')
		if feed < 0 && !ended {
			return l, false
		}
		if feed < 0 {
			feed = len(rest)
		}
		if is, known := d.record(rest[:feed]); known {
			return layout{dialect: is}, true
		}
		d.seen = min(d.seen+feed+1, len(head))
	}
	return layout{stray: ended && d.unknown > 0}, ended || d.unknown == dialect.MaxUnknown
}

// isEmptyArray reports whether text is an array without elements: a log without events.
func isEmptyArray(text []byte) bool {
	const around = blanks + "\n"
	text = bytes.Trim(text, around)
	return len(text) >= 2 && text[0] == '[' && text[len(text)-1] == ']' && len(bytes.Trim(text[1:len(text)-1], around)) == 0
}

// ofDocument returns lines if the document ends and it has records, which are neither
// events nor known.
func (d *detector) ofDocument(head []byte, ended bool) (l layout, known bool) {
	unknown := layout{form: dialect.Document}
	if last := bytes.TrimRight(head, blanks+"\n"); !ended && len(head) < 2*d.seen && last[len(last)-1] != '}' {
		return unknown, false // as before
	}
	d.seen, d.unknown = len(head), 0
	r := records.NewReader(bytes.NewReader(head))
	var b records.Block
	some := false
	for r.Read(&b) != io.EOF {
		some = true
		for _, record := range b.Records {
			if record.Reason != "" {
				continue // it may not be complete
			}
			if is, known := d.record(record.Text); known {
				return layout{dialect: is, form: dialect.Document}, true
			}
		}
	}
	if !ended || !some {
		return unknown, ended
	}
	return layout{stray: true}, true
}

// record returns the dialect of a record, nil if it is an event, and false if it tells
// nothing.
func (d *detector) record(text []byte) (is *dialect.Dialect, known bool) {
	if events.Blank(text) {
		return nil, false
	}
	d.unknown++
	if d.scanner.Scan(text) != nil {
		return nil, false
	}
	if _, err := d.scanner.Event(); err == nil {
		return nil, true
	}
	is = dialects.Of(&d.scanner)
	return is, is != nil
}
