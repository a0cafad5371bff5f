package dialects_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strconv"
	"testing"

	"auditctl/pkg/dialect"
	"auditctl/pkg/dialect/dialects"
	"auditctl/pkg/events"
)

// A record means the same however it is spelled, and of a key that it has twice the last
// counts, as for all who read JSON.
func TestSpelling(t *testing.T) {
	escaped := func(dst []byte, v events.Value) []byte {
		dst = append(dst, '"')
		for _, c := range v.String() {
			if c < 0x80 {
				dst = fmt.Appendf(dst, `\u%04X`, c)
			} else {
				dst = append(dst, string(c)...)
			}
		}
		return append(dst, '"')
	}
	asIs := func(dst []byte, v events.Value) []byte { return append(dst, v...) }
	spellings := map[string]spelling{"escapes": {text: escaped}, "white space": {text: asIs, between: "\r\t "}}
	for i, before := range []string{`"x"`, `7`, `null`, `true`, `{"type":"x","text":"y"}`, `[{"type":"x"}]`} {
		spellings[fmt.Sprintf("two keys %d", i)] = spelling{text: asIs, before: before}
	}
	for _, d := range dialects.All() {
		for name, s := range spellings {
			t.Run(d.Name+"/"+name, func(t *testing.T) {
				log := sample(t, d)
				var other []byte
				for line := range bytes.Lines(log) {
					other = append(s.append(other, bytes.TrimSuffix(line, []byte("\n"))), '\n')
				}
				have, want := asRead(t, d, other), asRead(t, d, log)
				for i := range max(len(have), len(want)) {
					if i >= len(have) || i >= len(want) || !reflect.DeepEqual(have[i], want[i]) {
						t.Fatalf("%d: have %v\nwant %v", i, have[i], want[i])
					}
				}
			})
		}
	}
}

// An object of any size has what the last of its keys says, however they are spelled.
func TestKeysAgain(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	spelled := []string{`a`, `b`, `\u0061`, `c`, `\u00e9`, `é`, `\/`, `/`, `\"`, `d\\`, ``, `metadatum`}
	var appendAny func(dst []byte, depth int) []byte
	appendAny = func(dst []byte, depth int) []byte {
		n := random.IntN(90) / (1 + random.IntN(20))
		if depth == 0 {
			return strconv.AppendInt(dst, int64(n), 10)
		}
		if random.IntN(3) == 0 {
			dst = append(dst, '[')
			for i := range n {
				if i > 0 {
					dst = append(dst, ',')
				}
				dst = appendAny(dst, depth-1)
			}
			return append(dst, ']')
		}
		dst = append(dst, '{')
		for i := range n {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(append(dst, '"'), spelled[random.IntN(len(spelled))]...)
			if random.IntN(2) == 0 {
				dst = strconv.AppendInt(dst, int64(random.IntN(60)), 10)
			}
			dst = appendAny(append(dst, `":`...), depth-1)
		}
		return append(dst, '}')
	}
	var log []byte
	var want []any
	for range 100 {
		line := append(appendAny([]byte(`{"type":"t","x":`), 1+random.IntN(3)), '}')
		var record map[string]any
		if err := json.Unmarshal(line, &record); err != nil {
			t.Fatal(err)
		}
		log, want = append(append(log, line...), '\n'), append(want, record["x"])
	}
	for i, event := range asRead(t, dialects.Named("json"), log) {
		if have := event.(map[string]any)["x"]; !reflect.DeepEqual(have, want[i]) {
			t.Fatalf("%d:\n%v\nwant\n%v", i, have, want[i])
		}
	}
}

// asRead returns what the events of a log are for all who read JSON.
func asRead(t *testing.T, d *dialect.Dialect, log []byte) (all []any) {
	r := dialect.NewReader(bytes.NewReader(log), dialect.Lines, d, d.Begin()(), len(log))
	var b dialect.Block
	for r.ReadBlock(&b) == nil {
		for line := range bytes.Lines(b.Lines) {
			var event any
			if err := json.Unmarshal(line, &event); err != nil {
				t.Fatal(err)
			}
			all = append(all, event)
		}
	}
	return all
}

// A spelling is how JSON is spelled.
type spelling struct {
	text    func(dst []byte, v events.Value) []byte // of strings
	between string                                  // tokens
	before  string                                  // a value that each key has first, if not empty
}

// append appends v in the spelling.
func (s spelling) append(dst []byte, v events.Value) []byte {
	switch v.Kind() {
	case events.Object:
		dst = append(dst, '{')
		for key, v := range v.Members() {
			if dst[len(dst)-1] != '{' {
				dst = append(dst, ',')
			}
			key = s.text(nil, events.Value(events.AppendString(nil, string(key))))
			if s.before != "" {
				dst = append(append(append(append(dst, key...), ':'), s.before...), ',')
			}
			dst = append(append(append(append(dst, s.between...), key...), s.between...), ':')
			dst = append(s.append(append(dst, s.between...), v), s.between...)
		}
		return append(dst, '}')
	case events.Array:
		dst = append(dst, '[')
		for v := range v.Elements() {
			if dst[len(dst)-1] != '[' {
				dst = append(dst, ',')
			}
			dst = append(s.append(append(dst, s.between...), v), s.between...)
		}
		return append(dst, ']')
	case events.String:
		return s.text(dst, v)
	}
	return append(dst, v...)
}
