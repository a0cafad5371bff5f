package event

import (
	"bytes"

	"auditctl/pkg/events"
)

// maxKept is how long an id or a name may be that is remembered.
const maxKept = 1024

// Kept returns a copy of v, nil if it is too long.
func Kept(v events.Value) events.Value {
	if len(v) > maxKept {
		return nil
	}
	return bytes.Clone(v)
}

// AppendName appends a name for a Memory that is made of values.
func AppendName(dst []byte, values ...events.Value) []byte {
	for _, v := range values {
		dst = append(append(dst, v...), 0)
	}
	return dst
}

// TextOf returns the text of a value, which may share its memory.
func TextOf(v events.Value) []byte {
	if v.Kind() == events.String && bytes.IndexByte(v, '\\') < 0 {
		return v[1 : len(v)-1]
	}
	return v.AppendText(nil)
}
