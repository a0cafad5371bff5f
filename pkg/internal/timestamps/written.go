package timestamps

import (
	"encoding/binary"
	"time"
)

// A shape is eight bytes of a timestamp: 0 is any digit, all else is itself.
type shape struct{ bytes, room uint64 }

// shapeOf returns the shape of eight bytes.
func shapeOf(text string) (s shape) {
	s.bytes = binary.LittleEndian.Uint64([]byte(text))
	for i := range len(text) {
		room := uint64(0x7f) // what may be added to the difference without reaching the high bit
		if text[i] == '0' {
			room -= 9
		}
		s.room |= room << (8 * i)
	}
	return s
}

// digits returns the digits of eight bytes, each in its byte, if they have the shape.
func (s shape) digits(text []byte) (digits [8]byte, ok bool) {
	d := binary.LittleEndian.Uint64(text) ^ s.bytes
	binary.LittleEndian.PutUint64(digits[:], d)
	return digits, (d&^high+s.room|d)&high == 0
}

const high = 0x80_80_80_80_80_80_80_80

var written = [...]shape{shapeOf("0000-00-"), shapeOf("00T00:00"), shapeOf(":00.0000"), shapeOf("00+00:00")}

// parseWritten reads the form that [Append] writes with microseconds, eight bytes at a time.
// A zero offset is matched digit by digit.
func parseWritten(text []byte) (t time.Time, ok bool) {
	if len(text) != len("2006-01-02T15:04:05.000000+00:00") {
		return t, false
	}
	a, okA := written[0].digits(text)
	b, okB := written[1].digits(text[8:])
	c, okC := written[2].digits(text[16:])
	d, okD := written[3].digits(text[24:])
	if !okA || !okB || !okC || !okD || d[3]|d[4]|d[6]|d[7] != 0 {
		return t, false
	}
	two := func(tens, ones byte) int { return int(tens)*10 + int(ones) }
	year, month, day := two(a[0], a[1])*100+two(a[2], a[3]), two(a[5], a[6]), two(b[0], b[1])
	hour, minute, second := two(b[3], b[4]), two(b[6], b[7]), two(c[1], c[2])
	if !isTime(year, month, day, hour, minute, second) {
		return t, false
	}
	micros := (two(c[4], c[5])*100+two(c[6], c[7]))*100 + two(d[0], d[1])
	seconds := int64(daysBefore(year, month, day))*86400 + int64(hour*3600+minute*60+second)
	return time.Unix(seconds, int64(micros)*1000).UTC(), firstSecond <= seconds
}
