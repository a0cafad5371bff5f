package events

// AppendString appends s as a JSON string, spelled as the reference writer does: in
// ASCII. Bytes that are not valid UTF-8 become U+FFFD.
func AppendString(dst []byte, s string) []byte { return appendString(dst, s) }

// AppendSpelled appends v with the reference writer's white space and escapes. Numbers
// and the order of keys stay as they are. It appends null if v is absent.
func (v Value) AppendSpelled(dst []byte) []byte {
	switch v.Kind() {
	case Absent:
		return append(dst, "null"...)
	case String:
		return appendRespelledString(dst, v[1:len(v)-1])
	}
	return appendRespelled(dst, v)
}

// AppendFloat appends f as the reference writer prints a float, with a point or an
// exponent. f must be finite.
func AppendFloat(dst []byte, f float64) []byte { return appendFloat(dst, f) }
