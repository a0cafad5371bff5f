package otlpreceiver

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

// maxDepth is how deep messages may nest. Other decoders refuse what is deeper than a
// hundred, since each level takes some of their stack.
const maxDepth = 200

var errProtobuf = errors.New("the body is not an ExportLogsServiceRequest in protobuf")

// A wireField is an occurrence of a field in an encoded message.
type wireField struct {
	at    int    // the index of the field in the schema; -1 if it is not known
	bits  uint64 // of a number
	bytes []byte // of all others
}

// nextField takes the first field of an encoded message of some kind. The number is that
// of the field if it is not known.
func nextField(of message, encoded []byte) (f wireField, number protowire.Number, rest []byte, err error) {
	number, wireType, n := protowire.ConsumeTag(encoded)
	if n < 0 {
		return f, 0, nil, errProtobuf
	}
	rest = encoded[n:]
	f.at = -1
	for i := range schema[of].fields {
		if known := &schema[of].fields[i]; known.number == number && wireTypes[known.kind] == wireType {
			f.at = i
		}
	}
	switch wireType {
	case protowire.VarintType:
		f.bits, n = protowire.ConsumeVarint(rest)
	case protowire.Fixed32Type:
		var bits uint32
		bits, n = protowire.ConsumeFixed32(rest)
		f.bits = uint64(bits)
	case protowire.Fixed64Type:
		f.bits, n = protowire.ConsumeFixed64(rest)
	case protowire.BytesType:
		f.bytes, n = protowire.ConsumeBytes(rest)
	default:
		n = protowire.ConsumeFieldValue(number, wireType, rest)
	}
	if n < 0 {
		return f, 0, nil, errProtobuf
	}
	return f, number, rest[n:], nil
}

// check checks an encoded message of some kind, and calls unknown for the fields that are
// not in the schema.
func check(of message, encoded []byte, depth int, unknown func(of message, number protowire.Number)) error {
	if depth > maxDepth {
		return fmt.Errorf("messages nest more than %d levels deep", maxDepth)
	}
	for len(encoded) > 0 {
		f, number, rest, err := nextField(of, encoded)
		if err != nil {
			return err
		}
		encoded = rest
		if f.at < 0 {
			unknown(of, number)
			continue
		}
		switch known := &schema[of].fields[f.at]; known.kind {
		case text:
			if !utf8.Valid(f.bytes) {
				return fmt.Errorf("%s.%s is not valid UTF-8", schema[of].name, known.name)
			}
		case nested:
			if err := check(known.of, f.bytes, depth+1, unknown); err != nil {
				return err
			}
		}
	}
	return nil
}

// fieldsOf calls each for the occurrences of a field of an encoded message that was checked,
// until that returns false. It reports whether it never did.
func fieldsOf(of message, at int, encoded []byte, each func(encoded []byte) bool) bool {
	for len(encoded) > 0 {
		f, _, rest, _ := nextField(of, encoded)
		if encoded = rest; f.at == at && !each(f.bytes) {
			return false
		}
	}
	return true
}
