package otlpreceiver

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"math"
	"strconv"

	"auditctl/pkg/internal/wire"
)

// appendMessage appends an encoded message that was checked as JSON. A nested message that
// occurs twice is the two joined, as protobuf has it.
func appendMessage(dst []byte, of message, encoded []byte) []byte {
	dst = append(dst, '{')
	return append(appendFields(dst, of, encoded, -1), '}')
}

// appendFields appends the fields of an encoded message, without one of them, and without
// braces.
func appendFields(dst []byte, of message, encoded []byte, without int) []byte {
	var values [maxFields]wireField
	var is [maxFields]bool
	var from [maxFields][]byte // where a repeated field begins
	for rest := encoded; len(rest) > 0; {
		f, next, _ := nextField(of, rest)
		switch {
		case f.at < 0:
		case is[f.at] && schema[of].fields[f.at].kind == nested && !schema[of].fields[f.at].repeated:
			old := values[f.at].Bytes
			values[f.at].Bytes = append(old[:len(old):len(old)], f.Bytes...)
		default:
			values[f.at] = f
		}
		if f.at >= 0 {
			if !is[f.at] {
				from[f.at] = rest
			}
			if of == anyValue && !is[f.at] {
				clear(is[:]) // it is one of them
			}
			is[f.at] = true
		}
		rest = next
	}
	start := len(dst)
	for i := range schema[of].fields {
		f := &schema[of].fields[i]
		if !is[i] || i == without {
			continue
		}
		if len(dst) > start {
			dst = append(dst, ',')
		}
		dst = append(append(append(dst, '"'), f.name...), `":`...)
		if !f.repeated {
			dst = appendValue(dst, f, &values[i])
			continue
		}
		dst = append(dst, '[')
		fieldsOf(of, i, from[i], func(element []byte) bool {
			dst = append(appendValue(dst, f, &wireField{Field: wire.Field{Bytes: element}}), ',')
			return true
		})
		dst[len(dst)-1] = ']'
	}
	return dst
}

// appendValue appends the value of a field.
func appendValue(dst []byte, f *field, v *wireField) []byte {
	switch f.kind {
	case text:
		return appendText(dst, v.Bytes)
	case data:
		dst = base64.StdEncoding.AppendEncode(append(dst, '"'), v.Bytes)
	case id:
		dst = hex.AppendEncode(append(dst, '"'), v.Bytes)
	case boolean:
		return strconv.AppendBool(dst, v.Bits != 0)
	case enum:
		return strconv.AppendInt(dst, int64(int32(v.Bits)), 10)
	case count, flags:
		return strconv.AppendUint(dst, uint64(uint32(v.Bits)), 10)
	case integer:
		dst = strconv.AppendInt(append(dst, '"'), int64(v.Bits), 10)
	case nanos:
		dst = strconv.AppendUint(append(dst, '"'), v.Bits, 10)
	case floating:
		return appendFloat(dst, math.Float64frombits(v.Bits))
	case nested:
		return appendMessage(dst, f.of, v.Bytes)
	}
	return append(dst, '"')
}

// appendText appends text as a JSON string.
func appendText(dst, text []byte) []byte {
	const digits = "0123456789abcdef"
	dst = append(dst, '"')
	start := 0
	for i, c := range text {
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, text[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, `\n`...)
		case '\r':
			dst = append(dst, `\r`...)
		case '\t':
			dst = append(dst, `\t`...)
		default:
			dst = append(dst, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
		}
	}
	return append(append(dst, text[start:]...), '"')
}

// appendFloat appends a number as encoding/json does, and what JSON has no number for as a
// string, as protobuf does.
func appendFloat(dst []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, `"NaN"`...)
	case math.IsInf(f, 1):
		return append(dst, `"Infinity"`...)
	case math.IsInf(f, -1):
		return append(dst, `"-Infinity"`...)
	}
	text, _ := json.Marshal(f) // which fails for those only
	return append(dst, text...)
}
