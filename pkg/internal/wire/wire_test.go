package wire_test

import (
	"bytes"
	"slices"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"auditctl/pkg/internal/wire"
)

// What is appended is what protowire appends.
func TestAppend(t *testing.T) {
	for _, number := range []int32{1, 15, 16, 1<<29 - 1} {
		for _, v := range []uint64{0, 1, 127, 128, 1 << 32, 1<<64 - 1} {
			n := protowire.Number(number)
			same(t, wire.AppendVarint(nil, number, v), protowire.AppendVarint(protowire.AppendTag(nil, n, protowire.VarintType), v))
			same(t, wire.AppendFixed64(nil, number, v), protowire.AppendFixed64(protowire.AppendTag(nil, n, protowire.Fixed64Type), v))
		}
		for _, size := range []int{0, 1, 127, 128, 1 << 14} {
			text := bytes.Repeat([]byte("x"), size)
			want := protowire.AppendBytes(protowire.AppendTag([]byte("before"), protowire.Number(number), protowire.BytesType), text)
			same(t, wire.AppendBytes([]byte("before"), number, text), want)
			same(t, wire.AppendBytes([]byte("before"), number, string(text)), want)
			same(t, wire.AppendMessage([]byte("before"), number, func(dst []byte) []byte { return append(dst, text...) }), want)
		}
	}
}

func same(t *testing.T, have, want []byte) {
	t.Helper()
	if !bytes.Equal(have, want) {
		t.Errorf("have %x, want %x", have, want)
	}
}

// What is taken is what protowire consumes, and package proto takes.
func FuzzNext(f *testing.F) {
	number := wire.AppendVarint(nil, 1, 300)
	f.Add(number)
	f.Add(wire.AppendFixed64(number, 2, 1))
	f.Add(wire.AppendBytes(nil, 3, "text"))
	f.Add([]byte{4<<3 | 5, 1, 2, 3, 4})
	f.Add([]byte{1<<3 | 3, 2<<3 | 3, 3 << 3, 1, 2<<3 | 4, 1<<3 | 4}) // groups
	f.Add([]byte{1<<3 | 3, 2<<3 | 4})                                // another one ends
	f.Add([]byte{1<<3 | 4})
	f.Add([]byte{1<<3 | 6})
	f.Add([]byte{0, 0})
	f.Add(wire.AppendVarint(number, 1<<29, 1))
	f.Add(bytes.Repeat([]byte{0xff}, 11))
	for _, groups := range []int{10_001, 10_002} {
		f.Add(slices.Concat(bytes.Repeat([]byte{1<<3 | 3}, groups), bytes.Repeat([]byte{1<<3 | 4}, groups)))
	}
	f.Fuzz(func(t *testing.T, encoded []byte) {
		for len(encoded) > 0 {
			number, wireType, n := protowire.ConsumeField(encoded)
			have, rest, ok := wire.Next(encoded)
			if ok != (n >= 0 && number <= protowire.MaxValidNumber) {
				t.Fatalf("%.99x: ok is %t, protowire returns %d", encoded, ok, n)
			}
			if !ok {
				return
			}
			_, _, tag := protowire.ConsumeTag(encoded)
			want := wire.Field{Number: int32(number), Type: wire.Type(wireType)}
			switch value := encoded[tag:]; wireType {
			case protowire.VarintType:
				want.Bits, _ = protowire.ConsumeVarint(value)
			case protowire.Fixed64Type:
				want.Bits, _ = protowire.ConsumeFixed64(value)
			case protowire.Fixed32Type:
				bits, _ := protowire.ConsumeFixed32(value)
				want.Bits = uint64(bits)
			case protowire.BytesType:
				want.Bytes, _ = protowire.ConsumeBytes(value)
			}
			if have.Number != want.Number || have.Type != want.Type || have.Bits != want.Bits || !bytes.Equal(have.Bytes, want.Bytes) || len(rest) != len(encoded)-n {
				t.Fatalf("%.99x: have %+v and %d bytes left, want %+v and %d", encoded, have, len(rest), want, len(encoded)-n)
			}
			encoded = rest
		}
	})
}
