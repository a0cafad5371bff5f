package otlpreceiver

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"auditctl/pkg/internal/wire"
)

// maxDepth is how deep messages may nest. Other decoders refuse what is deeper than a
// hundred, since each level takes some of their stack.
const maxDepth = 200

var errProtobuf = errors.New("the body is not an ExportLogsServiceRequest in protobuf")

// A wireField is an occurrence of a field in an encoded message.
type wireField struct {
	wire.Field
	at int // the index of the field in the schema; -1 if it is not known
}

// nextField takes the first field of an encoded message of some kind.
func nextField(of message, encoded []byte) (f wireField, rest []byte, err error) {
	f.at = -1
	var ok bool
	if f.Field, rest, ok = wire.Next(encoded); !ok {
		return f, nil, errProtobuf
	}
	for i := range schema[of].fields {
		if known := &schema[of].fields[i]; known.number == f.Number && wireTypes[known.kind] == f.Type {
			f.at = i
		}
	}
	return f, rest, nil
}

// check checks an encoded message of some kind, and calls unknown for the fields that are
// not in the schema.
func check(of message, encoded []byte, depth int, unknown func(of message, number int32)) error {
	if depth > maxDepth {
		return fmt.Errorf("messages nest more than %d levels deep", maxDepth)
	}
	for len(encoded) > 0 {
		f, rest, err := nextField(of, encoded)
		if err != nil {
			return err
		}
		encoded = rest
		if f.at < 0 {
			unknown(of, f.Number)
			continue
		}
		switch known := &schema[of].fields[f.at]; known.kind {
		case text:
			if !utf8.Valid(f.Bytes) {
				return fmt.Errorf("%s.%s is not valid UTF-8", schema[of].name, known.name)
			}
		case nested:
			if err := check(known.of, f.Bytes, depth+1, unknown); err != nil {
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
		f, rest, _ := nextField(of, encoded)
		if encoded = rest; f.at == at && !each(f.Bytes) {
			return false
		}
	}
	return true
}
