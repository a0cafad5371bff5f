package event

import (
	"bytes"
	"math"

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

// TextOf returns the text of a value, which may share its memory.
func TextOf(v events.Value) []byte {
	if v.Kind() == events.String && bytes.IndexByte(v, '\\') < 0 {
		return v[1 : len(v)-1]
	}
	return v.AppendText(nil)
}

// Duration returns milliseconds, negative if v is none.
func Duration(v events.Value, unit float64) float64 {
	f, ok := v.Float()
	if f *= unit; !ok || math.IsInf(f, 0) {
		return -1
	}
	return f
}
