package redact_test

import (
	"encoding/json"
	"strings"
	"testing"

	"auditctl/pkg/redact"
	"auditctl/pkg/redact/rule"
)

// testRules are rules that are easy to read: a token, a password in a command, a card.
func testRules() []*rule.Rule {
	return []*rule.Rule{
		{ID: "token", Regexp: `\btok_[0-9a-z]{8}\b`, Keywords: []string{"tok_"}},
		{ID: "assigned", Regexp: `(?mi)^PASSWORD=(\S+)$`, Keywords: []string{"password="}},
		{ID: "named", Regexp: `"pin": "([0-9]{4})`, Keywords: []string{"pin"}},
		{ID: "end", Regexp: `END=([a-z[]+)`, Keywords: []string{"end="}},
		{ID: "tail", Regexp: `D=[0-9][0-9a-z\\]+`, Keywords: []string{"d="}},
		{ID: "header", Regexp: `(?i)x-pin: ([0-9]{4})`, Keywords: []string{"x-pin"}},
		{ID: "flag", Regexp: `-p(?:in)?(?:=|", ")([0-9]{4})`, Keywords: []string{"-p"}},
		{ID: "block", Regexp: `BEGIN\n[a-z\n]+\nEND`, Keywords: []string{"begin"}},
		{ID: "card", Regexp: `\b4[0-9]{15}\b`, Shape: rule.Digits, Personal: true},
	}
}

func newRedactor(t testing.TB, o redact.Options) *redact.Redactor {
	t.Helper()
	r, err := redact.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// keys are patterns as on a command line.
func keys(patterns string, mode redact.Mode) []redact.Keys {
	return []redact.Keys{{Patterns: strings.Split(patterns, ","), Mode: mode}}
}

// redacted returns what is left of a line, which must be as valid as before.
func redacted(t testing.TB, r *redact.Redactor, line string) string {
	t.Helper()
	got, changed := r.Append(nil, []byte(line))
	if !changed {
		if len(got) > 0 {
			t.Errorf("%s: %s is appended, though nothing changed", line, got)
		}
		return line
	}
	if string(got) == line {
		t.Errorf("%s: changed, and it is not", line)
	}
	text := strings.TrimLeft(string(got), "\ufeff")
	if json.Valid([]byte(strings.TrimLeft(line, "\ufeff"))) && !json.Valid([]byte(text)) {
		t.Errorf("%s became %s, which is not valid", line, got)
	}
	return string(got)
}

func TestKeys(t *testing.T) {
	for _, c := range []struct{ patterns, line, want string }{
		{"password", `{"password": "x"}`, `{"password": "[redacted]"}`},
		{"password", `{"passwords": "x", "password_hint": "y"}`, ``},
		{"password", `{"a": "password", "b": ["password"]}`, ``},
		{"Password", `{"a" : {"PassWord" : "x" } }`, `{"a" : {"PassWord" : "[redacted]" } }`},
		{"pass*", `{"a": {"passphrase": "x"}}`, `{"a": {"passphrase": "[redacted]"}}`},
		{"größe", `{"GR\u00d6\u00dfE": 1, "GRÖßE": 2}`, `{"GR\u00d6\u00dfE": "[redacted]", "GRÖßE": "[redacted]"}`},

		// Paths.
		{"metadata.password", `{"password": "x", "metadata": {"password": "y", "a": {"password": "z"}}}`, `{"password": "x", "metadata": {"password": "[redacted]", "a": {"password": "z"}}}`},
		{"metadata.*.password", `{"metadata": {"password": "y", "a": {"password": "z", "b": {"password": "w"}}}}`, `{"metadata": {"password": "y", "a": {"password": "[redacted]", "b": {"password": "w"}}}}`},
		{"metadata.**.password", `{"metadata": {"password": "y", "a": {"b": {"password": "z"}}}}`, `{"metadata": {"password": "[redacted]", "a": {"b": {"password": "[redacted]"}}}}`},
		{"**.authorization", `{"authorization": "x", "a": {"Authorization": "y"}}`, `{"authorization": "[redacted]", "a": {"Authorization": "[redacted]"}}`},
		{"a.b", `{"a": [{"b": 1}, [{"b": 2}], 3]}`, `{"a": [{"b": "[redacted]"}, [{"b": "[redacted]"}], 3]}`},
		{"metadata.*", `{"metadata": {"a": 1, "b": [2]}, "c": 3}`, `{"metadata": {"a": "[redacted]", "b": "[redacted]"}, "c": 3}`},
		{"metadata.*", `{"metadata.a": 1}`, `{"metadata.a": "[redacted]"}`},
		{"tool.name", `{"tool.name": "x", "tool": {"name": "y"}, "a.tool.name": "z"}`, `{"tool.name": "[redacted]", "tool": {"name": "[redacted]"}, "a.tool.name": "z"}`},
		{`tool\.name`, `{"a.tool.name": "z", "name": 1}`, `{"a.tool.name": "[redacted]", "name": 1}`},
		{"password", `{"db.password": "x"}`, `{"db.password": "[redacted]"}`},

		// Kinds of values.
		{"p", `{"p": 1.50e3, "a": 1.50}`, `{"p": "[redacted]", "a": 1.50}`},
		{"p", `{"p": {"a": [1, "}"]}}`, `{"p": "[redacted]"}`},
		{"p", `{"p":[{"a":"]"}],"b":true}`, `{"p":"[redacted]","b":true}`},
		{"p", `{"p":null}`, `{"p":"[redacted]"}`},
		{"p", `{"p":""}`, `{"p":"[redacted]"}`},
		{"p", `{"p":"[redacted]"}`, ``},

		// Spellings.
		{"password", `{"pass\u0077ord": "x"}`, `{"pass\u0077ord": "[redacted]"}`},
		{"password", `{"\u0070\u0061\u0073\u0073\u0077\u006f\u0072\u0064": "x"}`, `{"\u0070\u0061\u0073\u0073\u0077\u006f\u0072\u0064": "[redacted]"}`},
		{"password", `{"password": "x", "password": "y"}`, `{"password": "[redacted]", "password": "[redacted]"}`},
		{"p", "\ufeff {\"p\": 1}\r", "\ufeff {\"p\": \"[redacted]\"}\r"},
		{"a/b", `{"a\/b": 1}`, `{"a\/b": "[redacted]"}`},

		// JSON in strings.
		{"password", `{"a": "{\"password\": \"x\", \"b\": 1}"}`, `{"a": "{\"password\": \"[redacted]\", \"b\": 1}"}`},
		{"password", `{"a": "{\"password\": 12, \"b\": 1}"}`, `{"a": "{\"password\": \"[redacted]\", \"b\": 1}"}`},
		{"password", `{"a": "{\"b\": \"{\\\"password\\\": 1}\"}"}`, `{"a": "{\"b\": \"{\\\"password\\\": \\\"[redacted]\\\"}\"}"}`},
		{"password", `{"a": "{\u0022pass\\u0077ord\u0022: \"x\"}"}`, `{"a": "{\u0022pass\\u0077ord\u0022: \"[redacted]\"}"}`},
		{"password", `{"a": "{\"\u005cu0070assword\": 1}"}`, `{"a": "{\"\u005cu0070assword\": \"[redacted]\"}"}`},
		{"a.b.password", `{"a": "{\"b\": \"{\\\"password\\\": 1}\"}"}`, `{"a": "{\"b\": \"{\\\"password\\\": \\\"[redacted]\\\"}\"}"}`},
		{"b.password", `{"a": "{\"b\": \"{\\\"password\\\": 1}\"}"}`, ``},
		{"password", `{"a": "[{\"password\": [1]}]"}`, `{"a": "[{\"password\": \"[redacted]\"}]"}`},
		{"password", `{"a": "see {\"password\": \"x\"} and {\"password\": \"y\"}"}`, `{"a": "see {\"password\": \"[redacted]\"} and {\"password\": \"[redacted]\"}"}`},
		{"password", `{"a": "curl -d \"{\\\"password\\\": \\\"x\\\"}\" http"}`, `{"a": "curl -d \"{\\\"password\\\": \\\"[redacted]\\\"}\" http"}`},
		{"password", `{"a": "b\", \"password\": \"x\", \"c"}`, `{"a": "b\", \"password\": \"[redacted]\", \"c"}`},
		{"password", `{"a": "{'password': 'x', 'b': None}"}`, `{"a": "{'password': '[redacted]', 'b': None}"}`},
		{"password", `{"a": "{'b': True, 'password': 12}"}`, `{"a": "{'b': True, 'password': '[redacted]'}"}`},
		{"password", `{"a": "it's {'b': \"it's\", 'password': 'x'}"}`, `{"a": "it's {'b': \"it's\", 'password': '[redacted]'}"}`},

		// JSON that was cut off.
		{"password", `{"a": "{\"password\": \"secr"}`, `{"a": "{\"password\": \"[redacted]"}`},
		{"password", `{"a": "{\"password\": \"sec\\"}`, `{"a": "{\"password\": \"[redacted]"}`},
		{"password", `{"a": "{\"password\": \"sec\\u00"}`, `{"a": "{\"password\": \"[redacted]"}`},
		{"password", `{"a": "{\"password\": {\"b\": [1, "}`, `{"a": "{\"password\": \"[redacted]\""}`},
		{"password", `{"a": "{\"password\": 123"}`, `{"a": "{\"password\": \"[redacted]\""}`},
		{"password", `{"a": "{\"password\": "}`, ``},
		{"password", `{"a": "{\"password"}`, ``},
		{"password", `{"a": "{\"b\": [{\"password\": \"x"}`, `{"a": "{\"b\": [{\"password\": \"[redacted]"}`},
		{"password", `{"a": "{\"b\": \"{\\\"password\\\": \\\"x"}`, `{"a": "{\"b\": \"{\\\"password\\\": \\\"[redacted]"}`},
	} {
		r := newRedactor(t, redact.Options{Keys: keys(c.patterns, redact.Mask)})
		if c.want == "" {
			c.want = c.line
		}
		if got := redacted(t, r, c.line); got != c.want {
			t.Errorf("%s of %s\nis   %s\nwant %s", c.patterns, c.line, got, c.want)
		}
	}
}

func TestDrop(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{`{"a": 1, "x": 2, "b": 3}`, `{"a": 1, "b": 3}`},
		{`{"x": 1, "a": 2}`, `{"a": 2}`},
		{`{"a": 1, "x": 2}`, `{"a": 1}`},
		{`{"a":1 , "x" : 2 , "x":3}`, `{"a":1}`},
		{`{ "x": {"x": 1} }`, `{ }`},
		{`{"x": 1, "x": 2, "a": {"x": 1}, "x": 3, "x": 4}`, `{"a": {}}`},
		{`{"a": "{\n \"x\": 1,\n \"b\": 2,\n \"x\": \"\"\n}"}`, `{"a": "{\n \"b\": 2\n}"}`},
		{`{"a": "{\"b\": 1, \"x\": \"se"}`, `{"a": "{\"b\": 1"}`},
		{`{"a": "{\"b\": 1, \"x\": \"s,"}`, `{"a": "{\"b\": 1"}`},
		{`{"a": "{\"b\": 1, \"x\": 2,"}`, `{"a": "{\"b\": 1, "}`},
		{`{"a": "said \"x\": 2, done"}`, `{"a": "said done"}`},
		{`{"event_type": "a", "x": 2}`, `{"event_type": "a"}`},
	} {
		r := newRedactor(t, redact.Options{Keys: keys("x", redact.Drop)})
		if got := redacted(t, r, c.line); got != c.want {
			t.Errorf("%s\nis   %s\nwant %s", c.line, got, c.want)
		}
	}
	r := newRedactor(t, redact.Options{Keys: keys("*", redact.Drop)})
	if got, want := redacted(t, r, `{"event_type": "a", "b": 1, "event\u005ftype": "c"}`), `{"event_type": "[redacted]", "event\u005ftype": "[redacted]"}`; got != want {
		t.Errorf("dropped all: %s, want %s", got, want)
	}
}

func TestRules(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{`{"a": "see tok_12345678."}`, `{"a": "see [redacted]."}`},
		{`{"a": "\u00e9\"tok_12345678\/\n"}`, `{"a": "\u00e9\"[redacted]\/\n"}`},
		{`{"a": "tok\u005f1234567\u0038\u00e9"}`, `{"a": "[redacted]\u00e9"}`},
		{`{"a": "\ud83d\u0074ok_12345678"}`, `{"a": "\ud83d[redacted]"}`},
		{`{"tok_12345678": 1, "a": 2}`, `{"[redacted]": 1, "a": 2}`},
		{`{"a": [["tok_12345678"], {"b": "tok_87654321"}]}`, `{"a": [["[redacted]"], {"b": "[redacted]"}]}`},
		{`{"a": "BEGIN\nab\ncd\nEND\n"}`, `{"a": "[redacted]\n"}`},
		{`{"a": "X=1\nPASSWORD=hunter2\nY=2"}`, `{"a": "X=1\nPASSWORD=[redacted]\nY=2"}`},
		{`{"a": "{\"b\": \"X=1\\nPASSWORD=hunter2\\nY=2\"}"}`, `{"a": "{\"b\": \"X=1\\nPASSWORD=[redacted]\\nY=2\"}"}`},
		{`{"a": "{\"b\": \"BEGIN\\nab\\nEND"}`, `{"a": "{\"b\": \"[redacted]"}`},
		{`{"a": "fmt.Print(\"PASSWORD=x\\n\")"}`, ``},
		{`{"a": "fmt.Print(\"\\nPASSWORD=x\\n\")"}`, `{"a": "fmt.Print(\"\\nPASSWORD=[redacted]\\n\")"}`},
		{`{"n": 4111111111111111, "m": 14111111111111111}`, `{"n": "[redacted]", "m": 14111111111111111}`},
		{`{"a": "{\"n\": 4111111111111111} or 4111111111111111"}`, `{"a": "{\"n\": \"[redacted]\"} or [redacted]"}`},
		{`{"pin": "1234 5\"6", "a": "1234"}`, `{"pin": "[redacted]", "a": "1234"}`},
		{`{"a": "{\"pin\": \"1234\"}"}`, `{"a": "{\"pin\": \"[redacted]\"}"}`},
		{`{"a": ["x", "--pin" , "1234"], "b": ["1234", "--pin=1234"]}`, `{"a": ["x", "--pin" , "[redacted]"], "b": ["1234", "--pin=[redacted]"]}`},
		{`{"a": ["-p", "1234", "1234"]}`, `{"a": ["-p", "[redacted]", "1234"]}`},
		{`{"X-Pin": "1234"}`, `{"X-Pin": "[redacted]"}`},
		{`{"args": "[\"--pin\",\"1234\"]"}`, `{"args": "[\"--pin\",\"[redacted]\"]"}`},
		{`{"a": "x BEGIN\\nab\\nEND=1\\t2 y"}`, `{"a": "x [redacted] y"}`},
		{`{"a": "END=ab[redacted] x"}`, `{"a": "END=[redacted] x"}`},
		{`{"a": "PASSWORD=[redacted]"}`, ``},
		{`{"a": "PASSWORD=hmac-sha256:` + strings.Repeat("0a", 32) + `"}`, ``},
	} {
		r := newRedactor(t, redact.Options{Rules: testRules()})
		if c.want == "" {
			c.want = c.line
		}
		if got := redacted(t, r, c.line); got != c.want {
			t.Errorf("%s\nis   %s\nwant %s", c.line, got, c.want)
		}
	}
}
