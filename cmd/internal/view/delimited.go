package view

import (
	"bytes"
	"slices"
	"sync"

	"auditctl/cmd/internal/bounded"
	"auditctl/cmd/internal/terminal"
	"auditctl/pkg/events"
	"auditctl/pkg/selection"
)

// A Delimited shows an event as a row of values for another program: as CSV, see RFC 4180,
// or as TSV, in which \t, \n, \r and \\ mean these characters. Values are never cut: a
// string is its text, any other value is spelled as in the line, and null is empty. It is
// safe for concurrent use.
//
// Rows are not those of encoding/csv, which changes line feeds within values.
type Delimited struct {
	tabs    bool // TSV
	escaped bool // for a terminal
	keys    []selection.Key
	firsts  []string  // of their steps
	rows    sync.Pool // of *row
}

// A row is the values at the first steps of the keys.
type row struct {
	values  []events.Value
	scratch []byte
}

// NewCSV returns a Delimited of CSV with columns for these keys; nil for the keys of all
// types. If escaped, values are escaped for a terminal.
func NewCSV(keys []selection.Key, escaped bool) *Delimited { return newDelimited(keys, escaped, false) }

// NewTSV is NewCSV for TSV.
func NewTSV(keys []selection.Key, escaped bool) *Delimited { return newDelimited(keys, escaped, true) }

func newDelimited(keys []selection.Key, escaped, tabs bool) *Delimited {
	if keys == nil {
		keys = keysOfTypes()
	}
	v := &Delimited{tabs: tabs, escaped: escaped, keys: keys}
	for _, key := range keys {
		v.firsts = append(v.firsts, key[0])
	}
	v.rows.New = func() any { return &row{values: make([]events.Value, len(keys))} }
	return v
}

// keysOfTypes returns the keys of the envelope and of all types, each once.
func keysOfTypes() (keys []selection.Key) {
	names := events.EnvelopeKeys()
	for _, t := range events.Types() {
		for _, k := range events.Keys(t) {
			if !slices.Contains(names, k.Name) {
				names = append(names, k.Name)
			}
		}
	}
	for _, name := range names {
		keys = append(keys, selection.Key{name})
	}
	return keys
}

// Header returns the first line, which names the columns.
func (v *Delimited) Header() (line []byte) {
	for i, key := range v.keys {
		line = v.appendText(v.separate(line, i), []byte(key.String()))
	}
	return v.end(line)
}

// AppendEvent appends the row for the event that s scanned.
func (v *Delimited) AppendEvent(dst []byte, s *events.Scanner) []byte {
	r := v.rows.Get().(*row)
	s.LookupAll(v.firsts, r.values)
	for i, val := range r.values {
		dst = v.separate(dst, i)
		if len(v.keys[i]) > 1 {
			val = v.keys[i].Value(s)
		}
		switch val.Kind() {
		case events.Absent, events.Null:
			dst = v.appendText(dst, nil)
		case events.Bool, events.Number:
			dst = append(dst, val...)
		default:
			r.scratch = val.AppendText(r.scratch[:0])
			dst = v.appendText(dst, r.scratch)
		}
	}
	if !bounded.Outgrown(s.Line()) { // which r refers to
		v.rows.Put(r)
	}
	return v.end(dst)
}

// separate appends what comes before a column.
func (v *Delimited) separate(dst []byte, column int) []byte {
	switch {
	case column == 0:
		return dst
	case v.tabs:
		return append(dst, '\t')
	}
	return append(dst, ',')
}

// end appends the end of a line.
func (v *Delimited) end(dst []byte) []byte {
	if v.tabs || v.escaped {
		return append(dst, '\n')
	}
	return append(dst, "\r\n"...)
}

// appendText appends a value, quoted or escaped as its format and the terminal need.
func (v *Delimited) appendText(dst, text []byte) []byte {
	switch {
	case v.tabs && v.escaped:
		return append(dst, terminal.Escape(string(appendTabbed(nil, text)))...)
	case v.tabs:
		return appendTabbed(dst, text)
	case v.escaped:
		text = []byte(terminal.Escape(string(text)))
	}
	if len(text) > 0 && !bytes.ContainsAny(text, ",\"\r\n") {
		return append(dst, text...)
	}
	if len(text) == 0 && len(v.keys) > 1 {
		return dst
	}
	return appendQuoted(dst, text)
}

// appendQuoted appends a value of CSV in quotes. Where it is the only one of its line, an
// empty one needs them as well: many programs skip blank lines.
func appendQuoted(dst, text []byte) []byte {
	dst = append(dst, '"')
	for {
		i := bytes.IndexByte(text, '"') + 1
		if i == 0 {
			return append(append(dst, text...), '"')
		}
		dst = append(append(dst, text[:i]...), '"')
		text = text[i:]
	}
}

// appendTabbed appends a value of TSV.
func appendTabbed(dst, text []byte) []byte {
	for {
		i := bytes.IndexAny(text, "\t\n\r\\")
		if i < 0 {
			return append(dst, text...)
		}
		c := text[i]
		switch c {
		case '\t':
			c = 't'
		case '\n':
			c = 'n'
		case '\r':
			c = 'r'
		}
		dst = append(append(dst, text[:i]...), '\\', c)
		text = text[i+1:]
	}
}
