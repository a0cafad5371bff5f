// Package wire reads and writes the encoding of protobuf messages: the few functions of
// google.golang.org/protobuf/encoding/protowire that are needed here, without the packages
// that it imports, which every start of a program pays for.
package wire

import (
	"encoding/binary"
	"math"
	"slices"
)

// A Type says how the value of a field is encoded.
type Type uint8

const (
	Varint Type = iota
	Fixed64
	Bytes // also text and messages
	group
	endGroup
	Fixed32
)

// A Field is an occurrence of a field in an encoded message.
type Field struct {
	Number int32
	Type   Type
	Bits   uint64 // of a number
	Bytes  []byte // of all others; a part of the message
}

// Next takes the first field of an encoded message; not ok if that is damaged. Of a group,
// which no recent message has, there is only the number.
func Next(encoded []byte) (f Field, rest []byte, ok bool) {
	f, rest, ok = next(encoded, maxGroups)
	return f, rest, ok && f.Type != endGroup && f.Number <= maxNumber
}

// maxNumber is the largest number that a field may have.
const maxNumber = 1<<29 - 1

// maxGroups is how deep groups may nest, as in protowire.
const maxGroups = 10_001

func next(encoded []byte, groups int) (f Field, rest []byte, ok bool) {
	tag, rest, ok := varint(encoded)
	if !ok || tag>>3 == 0 || tag>>3 > math.MaxInt32 {
		return f, nil, false
	}
	f.Number, f.Type = int32(tag>>3), Type(tag&7)
	switch f.Type {
	case Varint:
		f.Bits, rest, ok = varint(rest)
		return f, rest, ok
	case Fixed64:
		if len(rest) < 8 {
			return f, nil, false
		}
		f.Bits = binary.LittleEndian.Uint64(rest)
		return f, rest[8:], true
	case Fixed32:
		if len(rest) < 4 {
			return f, nil, false
		}
		f.Bits = uint64(binary.LittleEndian.Uint32(rest))
		return f, rest[4:], true
	case Bytes:
		size, rest, ok := varint(rest)
		if !ok || size > uint64(len(rest)) {
			return f, nil, false
		}
		f.Bytes = rest[:size]
		return f, rest[size:], true
	case group:
		for groups > 0 {
			var member Field
			if member, rest, ok = next(rest, groups-1); !ok {
				return f, nil, false
			}
			if member.Type == endGroup {
				return f, rest, member.Number == f.Number
			}
		}
		return f, nil, false
	case endGroup:
		return f, rest, true
	}
	return f, nil, false
}

func varint(encoded []byte) (v uint64, rest []byte, ok bool) {
	v, n := binary.Uvarint(encoded)
	if n <= 0 {
		return 0, nil, false
	}
	return v, encoded[n:], true
}

// AppendVarint appends a field that is a number of variable size, or a bool.
func AppendVarint(dst []byte, number int32, v uint64) []byte {
	return binary.AppendUvarint(appendTag(dst, number, Varint), v)
}

// AppendFixed64 appends a field that is a number of 64 bits.
func AppendFixed64(dst []byte, number int32, v uint64) []byte {
	return binary.LittleEndian.AppendUint64(appendTag(dst, number, Fixed64), v)
}

// AppendBytes appends a field of bytes, or of text, which must be UTF-8.
func AppendBytes[T string | []byte](dst []byte, number int32, v T) []byte {
	dst = binary.AppendUvarint(appendTag(dst, number, Bytes), uint64(len(v)))
	return append(dst, v...)
}

// AppendMessage appends a field that is a message, whose fields are what appendFields
// appends.
func AppendMessage(dst []byte, number int32, appendFields func(dst []byte) []byte) []byte {
	dst = appendTag(dst, number, Bytes)
	start := len(dst)
	dst = appendFields(dst)
	var size [binary.MaxVarintLen64]byte
	n := binary.PutUvarint(size[:], uint64(len(dst)-start))
	return slices.Insert(dst, start, size[:n]...)
}

func appendTag(dst []byte, number int32, t Type) []byte {
	return binary.AppendUvarint(dst, uint64(number)<<3|uint64(t))
}
