package otlp

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"unicode/utf8"

	"auditctl/pkg/events"
	"auditctl/pkg/internal/wire"
)

// A partialSuccess is what an ExportLogsServiceResponse says.
type partialSuccess struct {
	rejected int64
	message  string
}

// decodePartialSuccess decodes an ExportLogsServiceResponse, in protobuf or JSON, whichever
// it is in: some receivers respond in JSON to protobuf.
func decodePartialSuccess(mediaType string, body []byte) (p partialSuccess, ok bool) {
	switch mediaType {
	case "application/x-protobuf":
		ok = fields(body, func(f wire.Field) bool {
			return f.Number != 1 || f.Type != wire.Bytes || fields(f.Bytes, func(f wire.Field) bool {
				switch {
				case f.Number == 1 && f.Type == wire.Varint:
					p.rejected = int64(f.Bits)
				case f.Number == 2 && f.Type == wire.Bytes:
					p.message = string(f.Bytes)
					return utf8.Valid(f.Bytes)
				}
				return true
			})
		})
	case "application/json":
		var answer, partial events.Value
		if answer, ok = object(body); !ok {
			break
		}
		if partial = member(answer, "partialSuccess", "partial_success"); partial == nil {
			break
		}
		var isInt, isText bool
		p.rejected, isInt = integer(member(partial, "rejectedLogRecords", "rejected_log_records"))
		p.message, isText = text(member(partial, "errorMessage", "error_message"))
		ok = partial.Kind() == events.Object && isInt && isText
	}
	return p, ok
}

// decodeStatus decodes the message of a google.rpc.Status, in protobuf or JSON.
func decodeStatus(mediaType string, body []byte) (message string, ok bool) {
	switch mediaType {
	case "application/x-protobuf":
		ok = fields(body, func(f wire.Field) bool {
			if f.Number != 2 || f.Type != wire.Bytes {
				return true
			}
			message = string(f.Bytes)
			return utf8.Valid(f.Bytes)
		})
	case "application/json":
		var status events.Value
		if status, ok = object(body); ok {
			message, ok = text(member(status, "message"))
		}
	}
	return message, ok
}

// fields calls each for the fields of a message in protobuf, until that returns false. It
// reports whether it never did, and the message is not damaged.
func fields(encoded []byte, each func(wire.Field) bool) bool {
	for len(encoded) > 0 {
		f, rest, ok := wire.Next(encoded)
		if !ok || !each(f) {
			return false
		}
		encoded = rest
	}
	return true
}

// object returns a body that is a JSON object.
func object(body []byte) (events.Value, bool) {
	var line bytes.Buffer
	if json.Compact(&line, body) != nil || new(events.Scanner).Scan(line.Bytes()) != nil {
		return nil, false
	}
	return line.Bytes(), true
}

// member returns a member of an object that has one of two names, in JSON and in protobuf.
// Null is as good as none.
func member(object events.Value, names ...string) events.Value {
	for _, name := range names {
		if v := object.Lookup(name).NonNull(); v != nil {
			return v
		}
	}
	return nil
}

// text returns a string; none is the empty one.
func text(v events.Value) (s string, ok bool) {
	return v.String(), v == nil || v.Kind() == events.String
}

// integer returns a number, which may be in a string; none is zero.
func integer(v events.Value) (n int64, ok bool) {
	switch v.Kind() {
	case events.Absent:
		return 0, true
	case events.Number, events.String:
		n, err := strconv.ParseInt(v.String(), 10, 64)
		if err == nil {
			return n, true
		}
		f, err := strconv.ParseFloat(v.String(), 64)
		return int64(f), err == nil && f == math.Trunc(f) && math.Abs(f) < 1<<63
	}
	return 0, false
}
