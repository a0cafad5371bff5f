package secrets

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// A Place is a way in which secrets get into logs.
type Place struct {
	Name string

	// Hide returns lines with the text of a secret.
	Hide func(Secret) []string
}

// Places are all of them.
var Places = []Place{
	{"a whole string", func(s Secret) []string {
		return lines(`{"event_type":"tool_call_complete","tool_name":"get","result_preview":%s}`, quote(s.Text))
	}},
	{"prose", func(s Secret) []string {
		return lines(`{"event_type": "turn_start", "prompt_preview": %s}`, quote("Größe: use "+s.Text+" to deploy, please.\n"))
	}},
	{"deep in metadata", func(s Secret) []string {
		return lines(`{"event_type":"base","metadata":{"n":[0,{"a":[[{"b":[1.50,%s,null]}]]}],"m":{}}}`, quote(s.Text))
	}},
	{"the name of a key", func(s Secret) []string {
		return lines(`{"event_type":"base","metadata":{%[1]s:1,"x":[{"of":{%[1]s :"y"}}]}}`, quote(s.Text))
	}},
	{"JSON in a string", func(s Secret) []string {
		return lines(`{"event_type":"tool_call_attempt","arguments_preview":%s}`, quote(nested(s.Text)))
	}},
	{"JSON in JSON in a string", func(s Secret) []string {
		return lines(`{"event_type":"tool_call_attempt","arguments_preview":%s}`, quote(nested(nested(s.Text))))
	}},
	{"escapes", func(s Secret) []string {
		return lines(`{"event_type":"base","all":%s,"some":%s,"within":%s}`,
			escape(s.Text, 1), escape(s.Text, 3), quote(`{"cmd":`+escape(s.Text, 2)+`}`))
	}},
	{"a value that does not count", func(s Secret) []string {
		return lines(`{"event_type":"base","error_message":%[1]s,"metadata":{"k":{"l":%[1]s},"\u006b":0},"error_message":"none"}`, quote(s.Text))
	}},
	{"truncated JSON in a string", func(s Secret) []string {
		whole := nested(s.Text)
		more := strings.TrimSuffix(whole, `,"n":1}`) + `,"description":"what co`
		return lines(`{"event_type":"tool_call_attempt","arguments_preview":%s,"result_preview":%s}`,
			quote(strings.TrimSuffix(whole, `","n":1}`)), quote(more))
	}},
	{"a line of several", func(s Secret) []string {
		return lines(`{"event_type":"tool_call_attempt","arguments_preview":%s,"metadata":{"env":%s}}`,
			quote("set -e\n"+s.Text+"\nmake deploy"), quote("A=1\r\n"+s.Text+"\r\nB=2\r\n"))
	}},
	{"base64, a URL, a header", func(s Secret) []string {
		var texts []string
		for _, before := range []string{"", "=", "k="} {
			for _, e := range []*base64.Encoding{base64.StdEncoding, base64.RawURLEncoding} {
				if s.Known {
					texts = append(texts, "data: "+e.EncodeToString([]byte(before+s.Text+"\n"))+".")
				}
			}
		}
		if !s.Known {
			texts = []string{"GET https://example.com/a?b=c&d=" + s.Text, "curl -H 'X-Key: " + s.Text + "' -v"}
		}
		return lines(`{"event_type":"base","metadata":{"all":%s}}`, quoteAll(texts))
	}},
	{"no event", func(s Secret) []string {
		return slices.Concat(
			lines(`{"timestamp":"2026-03-09T08:14:24Z","level":"info","msg":%s}`, quote(s.Text)),
			lines(`{"type":"assistant","message":{"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"Bash","input":{"command":%s}}]},"uuid":"u1","sessionId":"s1","timestamp":"2026-03-09T08:14:24Z"}`, quote(s.Text)),
			lines(`{"timestamp":"2026-03-09T08:14:24Z","type":"response_item","payload":{"type":"function_call","name":"shell","arguments":%s,"call_id":"c1"}}`, quote(nested(s.Text))),
			lines(`error: %s is wrong`, strings.NewReplacer("\n", " ", "\r", " ").Replace(s.Text)),
			lines(`{"event_type":"base","metadata":%s`, quote(s.Text)),
		)
	}},
}

func lines(format string, args ...any) []string {
	return []string{fmt.Sprintf(format, args...)}
}

// nested returns a JSON object with a text.
func nested(text string) string {
	return `{"path":"a/b.go","command":` + quote(text) + `,"n":1}`
}

func quote(text string) string { return string(encoded(text)) }

func quoteAll(texts []string) string { return string(encoded(texts)) }

func encoded(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// escape returns a text as a string of JSON with one in n characters spelled \uXXXX.
func escape(text string, n int) string {
	var b strings.Builder
	b.WriteByte('"')
	for i, r := range []rune(text) {
		switch {
		case r <= 0xffff && (i%n == 0 || r < ' ' || r == '"' || r == '\\'):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
