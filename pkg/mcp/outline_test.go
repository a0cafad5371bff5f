package mcp

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"auditctl/pkg/events"
)

// read returns the messages of a line as they are when it is kept as a whole, and as an
// outline reads them.
func read(line []byte, piece int) (plain, outlined []message) {
	var p parser
	p.parse(line, func(m message) { plain = append(plain, m) })
	// What was found refers to the parser's memory.
	var o outline
	found := func(m message) { outlined = append(outlined, m) }
	for text := withoutMarks(line); len(text) > 0; text = text[min(piece, len(text)):] {
		o.add(text[:min(piece, len(text))], found)
	}
	o.end(found)
	return plain, outlined
}

// compact returns a value without white space.
func compact(t *testing.T, v events.Value) string {
	t.Helper()
	if v == nil {
		return ""
	}
	var b bytes.Buffer
	if err := json.Compact(&b, v); err != nil {
		t.Fatalf("%v: %q", err, v)
	}
	return b.String()
}

// same checks that an outline kept what events need.
func same(t *testing.T, plain, outlined message) {
	t.Helper()
	for _, v := range []struct {
		name            string
		plain, outlined events.Value
	}{
		{"id", plain.id, outlined.id}, {"method", plain.method, outlined.method},
		{"preview", plain.previewed, outlined.previewed},
	} {
		if want, have := compact(t, v.plain), compact(t, v.outlined); have != want {
			t.Errorf("%s is %q, want %q", v.name, have, want)
		}
	}
	for name, v := range map[string][2]events.Value{
		"params": {plain.params, outlined.params}, "result": {plain.result, outlined.result}, "error": {plain.error, outlined.error},
	} {
		for _, key := range kept {
			if want, have := compact(t, v[0].Lookup(key)), compact(t, v[1].Lookup(key)); have != want {
				t.Errorf("%s.%s is %q, want %q", name, key, have, want)
			}
		}
	}
}

// An outline accepts what the scanner accepts and keeps what events need, in pieces of any
// size.
func FuzzOutline(f *testing.F) {
	for _, line := range []string{
		`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x","arguments":{"a":[1,-0.5e+3,true,null,"\u00e9é\"\\"]},"_meta":{"traceparent":"t"}}}`,
		` { "id" : "1" , "r\u0065sult" : { "content" : [ ] , "isError" : true } } `,
		`{"id":1,"id":2,"params":{"name":1},"params":{"uri":"b"},"method":"m"}`,
		`{"id":1,"params":{"name":1},"params":5,"method":"m"}`,
		`[{"id":1,"method":"m"},{"error":{"code":-1,"message":"é"},"id":"x"},[],5,{}]`,
		`{"method":"m","params":[{"name":"x"}]}`,
		`{"method":null,"result":{"name":{"name":{}}},"id":1.0}`,
		"{\"method\":\"\xff\"}", `{"id":01}`, `{"id":1.}`, `{"id":-}`, `{"a":"\x"}`, `{"a":"` + "\x01" + `"}`, `{} {}`, `[1]]`, `[1,]`, `{"a":tru}`,
		`{"a":"\ud83d\ude00"}`, `5`, `"x"`, `[ ]`, `{"id":1e5`, "\ufeff{}", `{"":{"":""}}`, `{"params":{"\u006eame":"n"},"method":"x"}`,
	} {
		f.Add([]byte(line), uint8(0))
		f.Add([]byte(line), uint8(2))
	}
	f.Fuzz(func(t *testing.T, line []byte, piece uint8) {
		if bytes.IndexByte(line, '\n') >= 0 || len(line) > topLength {
			return
		}
		plain, outlined := read(line, int(piece)+1)
		if len(plain) == 1 && plain[0].wrong != "" && !strings.HasPrefix(plain[0].wrong, "not a JSON object") {
			if len(outlined) == 0 || outlined[len(outlined)-1].wrong == "" {
				t.Fatalf("%q is wrong (%s), but was accepted", line, plain[0].wrong)
			}
			return
		}
		if len(plain) != len(outlined) {
			t.Fatalf("%d messages, want %d: %+v", len(outlined), len(plain), outlined)
		}
		for i := range plain {
			if (plain[i].wrong == "") != (outlined[i].wrong == "") {
				t.Fatalf("message %d is wrong: %q, want %q", i, outlined[i].wrong, plain[i].wrong)
			}
			same(t, plain[i], outlined[i])
		}
	})
}

// What is cut is still JSON, and begins as the whole does.
func FuzzExtract(f *testing.F) {
	f.Add([]byte(`{"a":["\u00e9é",{"key\n":-12.5e7,"b":[[],{}]}],"long":"aaaaaaaaaaaaaaaaaaaa"}`), uint8(9))
	f.Add([]byte(`[123456789012345678901234567890,[[[[[[[[[[[[]]]]]]]]]]]]]`), uint8(7))
	f.Add([]byte(`"\ud83d\ude00 \\\\\\\\ ééééééé"`), uint8(5))
	f.Fuzz(func(t *testing.T, value []byte, most uint8) {
		if !json.Valid(value) || bytes.IndexByte(value, '\n') >= 0 {
			return
		}
		line := slices.Concat([]byte(`{"method":"m","params":`), value, []byte(`}`))
		if new(events.Scanner).Scan(line) != nil {
			return
		}
		defer func(before int) { topLength = before }(topLength)
		topLength = int(most)
		var found message
		var o outline
		o.add(line, func(m message) { found = m })
		o.end(func(message) {})
		whole, cut := compact(t, value), compact(t, found.previewed)
		if whole == "null" {
			whole = ""
		}
		n := 0
		for n < min(len(whole), len(cut)) && whole[n] == cut[n] {
			n++
		}
		if whole != cut && n < int(most) {
			t.Errorf("%q becomes %q", whole, cut)
		}
	})
}
