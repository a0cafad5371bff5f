package redact_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"auditctl/pkg/redact"
)

var secret = []byte("0123456789abcdef")

// tag is what HMAC leaves of a value.
func tag(value string) string {
	h := hmac.New(sha256.New, secret)
	h.Write([]byte(value))
	return "hmac-sha256:" + hex.EncodeToString(h.Sum(nil))
}

func TestHMAC(t *testing.T) {
	r := newRedactor(t, redact.Options{Keys: keys("p", redact.HMAC), Rules: testRules(), Mode: redact.HMAC, PersonalMode: redact.Length, Secret: secret})
	for _, c := range []struct{ line, want string }{
		{`{"p": "ab\u0063\"é"}`, `{"p": "` + tag(`abc"é`) + `"}`},
		{`{"p": "\ud83d\ude00"}`, `{"p": "` + tag("😀") + `"}`},
		{`{"p": 1.50}`, `{"p": "` + tag("1.50") + `"}`},
		{`{"p": {"a": [1]}}`, `{"p": "` + tag(`{"a": [1]}`) + `"}`},
		{`{"a": "{\"p\": \"\\u0061\"}"}`, `{"a": "{\"p\": \"` + tag("a") + `\"}"}`},
		{`{"a": "x tok\u005f12345678 4111111111111111"}`, `{"a": "x ` + tag("tok_12345678") + ` [redacted: length 16]"}`},
		{`{"p": "[redacted]"}`, `{"p": "[redacted]"}`},
		{`{"p": "hmac-sha256:` + strings.Repeat("g", 64) + `"}`, `{"p": "` + tag("hmac-sha256:"+strings.Repeat("g", 64)) + `"}`},
		{`{"p": "hmac-sha256:xyz"}`, `{"p": "` + tag("hmac-sha256:xyz") + `"}`},
	} {
		got := redacted(t, r, c.line)
		if got != c.want {
			t.Errorf("%s\nis   %s\nwant %s", c.line, got, c.want)
		}
		if again := redacted(t, r, got); again != got {
			t.Errorf("%s\nagain is %s", got, again)
		}
	}
	if got, want := r.Tag(`abc"é`), tag(`abc"é`); got != want {
		t.Errorf("the tag is %s, want %s", got, want)
	}
	masking := newRedactor(t, redact.Options{Keys: keys("p", redact.Mask)})
	if got, want := redacted(t, masking, `{"p": "`+tag("a")+`"}`), `{"p": "[redacted]"}`; got != want {
		t.Errorf("a tag is masked as %s, want %s", got, want)
	}
}

func TestLength(t *testing.T) {
	r := newRedactor(t, redact.Options{Keys: keys("p", redact.Length)})
	for line, want := range map[string]string{
		`{"p": "gr\u00f6ße"}`:                  `{"p": "[redacted: length 5]"}`,
		`{"p": [1, 2]}`:                        `{"p": "[redacted: length 6]"}`,
		`{"p": "[redacted: length 5]"}`:        `{"p": "[redacted: length 5]"}`,
		`{"p": "[redacted: length ]"}`:         `{"p": "[redacted: length 19]"}`,
		`{"p": "", "event_type": "p", "a": 1}`: `{"p": "[redacted: length 0]", "event_type": "p", "a": 1}`,
	} {
		if got := redacted(t, r, line); got != want {
			t.Errorf("%s\nis   %s\nwant %s", line, got, want)
		}
	}
}

func TestFirstPatternDecides(t *testing.T) {
	r := newRedactor(t, redact.Options{Keys: append(keys("a,b", redact.Length), keys("b,c", redact.Drop)...)})
	if got, want := redacted(t, r, `{"a": 1, "b": 2, "c": 3}`), `{"a": "[redacted: length 1]", "b": "[redacted: length 1]"}`; got != want {
		t.Errorf("is %s, want %s", got, want)
	}
}

// Of a value that a pattern and a rule find in text, the pattern decides.
func TestPatternDecides(t *testing.T) {
	r := newRedactor(t, redact.Options{Keys: keys("p", redact.Length), Rules: testRules()})
	if got, want := redacted(t, r, `{"a": "said \"p\": \"tok_12345678\", ok"}`), `{"a": "said \"p\": \"[redacted: length 12]\", ok"}`; got != want {
		t.Errorf("is %s, want %s", got, want)
	}
}

func TestSecretNames(t *testing.T) {
	r := newRedactor(t, redact.Options{SecretNames: true})
	for _, member := range []string{
		`"password": "x"`, `"PASSWORD":"x"`, `"db_password": "x"`, `"dbPassword": "x"`, `"user-passwd": "1234"`, `"client_secret": "x"`,
		`"clientSecret": "x"`, `"apiKey": "x"`, `"APIKey": "x"`, `"x-api-key": "x"`, `"access_token": "x"`, `"Authorization": "Basic eDp5"`,
		`"Proxy-Authorization": "x"`, `"Set-Cookie": "a=b"`, `"http.request.header.authorization": ["Bearer x"]`, `"GITHUB_TOKEN": "x"`,
		`"aws_secret_access_key": "x"`, `"private_key": "x"`, `"pass\u0077ord": "x"`, `"` + strings.Repeat("x.", 300) + `_password": "y"`,
	} {
		colon := strings.Index(member, ":")
		value := strings.Trim(member[colon+1:], ` ["]`)
		want := `{"a": 1, "b": {` + member[:colon] + strings.Replace(member[colon:], value, "[redacted]", 1) + `}}`
		if got := redacted(t, r, `{"a": 1, "b": {`+member+`}}`); got != want {
			t.Errorf("%s is %s", member, got)
		}
	}
	for _, line := range []string{
		`{"password": ""}`, `{"password": true, "secret": null, "token": 12, "api_key": 1}`, `{"password": "${PASSWORD}"}`, `{"password": "$PW"}`,
		`{"password": "[redacted]"}`, `{"password": "********"}`, `{"password": "xxxx"}`, `{"password": "<password>"}`, `{"password": "{{ pw }}"}`, `{"secret": "None"}`,
		`{"max_tokens": "12", "token_count": "a", "input_tokens": "a", "usage": "a", "password_hint": "a", "secretary": "a", "key": "a", "tokens": "b"}`,
		`{"author": "a", "monkey": "b", "keyword": "c", "next_page_token": "d", "cookies_accepted": "e", "passwordless": "f"}`,
		`{"text": "fmt.Println(\"password\": \"x\")"}`, `{"password": {"type": "string"}}`,
	} {
		if got := redacted(t, r, line); got != line {
			t.Errorf("%s is %s", line, got)
		}
	}
	for line, want := range map[string]string{
		`{"env": [{"name": "DB_PASSWORD", "value": "y"}, {"name": "a", "value": "y"}]}`:        `{"env": [{"name": "DB_PASSWORD", "value": "[redacted]"}, {"name": "a", "value": "y"}]}`,
		`{"key": "api_key", "value": {"stringValue": "y"}, "b": "y"}`:                          `{"key": "api_key", "value": {"stringValue": "[redacted]"}, "b": "y"}`,
		`{"name": "cookie", "value": {"arrayValue": {"values": [{"a": "y"}, 1]}}, "value": 1}`: `{"name": "cookie", "value": {"arrayValue": {"values": [{"a": "[redacted]"}, 1]}}, "value": 1}`,
		`{"secret": {"name": "db"}, "cookie": [{"name": "x1"}, "y"]}`:                          `{"secret": {"name": "db"}, "cookie": [{"name": "x1"}, "[redacted]"]}`,
	} {
		if got := redacted(t, r, line); got != want {
			t.Errorf("%s\nis   %s\nwant %s", line, got, want)
		}
	}
	if got, want := redacted(t, r, `{"a": "{\"password\": \"x"}`), `{"a": "{\"password\": \"[redacted]"}`; got != want {
		t.Errorf("in a string: %s, want %s", got, want)
	}
}

func TestDeep(t *testing.T) {
	r := newRedactor(t, redact.Options{Keys: keys("password", redact.Mask)})
	line := func(value string, strings int) string {
		for range strings {
			value = fmt.Sprintf(`{"a": %q}`, value)
		}
		return value
	}
	if got, want := redacted(t, r, line(`{"password": 1}`, 8)), line(`{"password": "[redacted]"}`, 8); got != want {
		t.Errorf("eight strings deep: %.100s, want %.100s", got, want)
	}
	r.TakeCounts()
	if got := redacted(t, r, line(`{"password": 1}`, 9)); strings.Contains(got, "password") {
		t.Errorf("nine strings deep: %.100s", got)
	}
	if got, want := r.TakeCounts(), []redact.Count{{redact.DeepText, 1}}; !reflect.DeepEqual(got, want) {
		t.Errorf("nine strings deep: %v, want %v", got, want)
	}

	const most = 9999
	nested := strings.Repeat(`{"a":`, most) + `{"password":1}` + strings.Repeat("}", most)
	r = newRedactor(t, redact.Options{Keys: keys("b.**.password", redact.Mask)})
	nested = `{"b":` + nested[len(`{"a":`):]
	if got, want := redacted(t, r, nested), strings.Replace(nested, `:1}`, `:"[redacted]"}`, 1); got != want {
		t.Error("10000 objects deep the password is not redacted")
	}
	for _, text := range []string{"[", `{"a":`, `"\"`, "'", "{'", `\`, `{"a" `, `["`, `{"password":{`} {
		hostile := fmt.Sprintf(`{"a": %q}`, strings.Repeat(text, 50_000)+`"password`)
		redacted(t, r, hostile)
		r.AppendText(nil, []byte(hostile[:len(hostile)-3]))
	}
}

func TestMark(t *testing.T) {
	r := newRedactor(t, redact.Options{Keys: append(keys("p", redact.Mask), keys("q", redact.Drop)...), Rules: testRules(), Mark: true})
	for _, c := range []struct{ line, want string }{
		{`{"event_type": "a", "metadata": {}, "p": 1, "b": [{"p": 2, "q": 3}, "tok_12345678"]}`,
			`{"event_type": "a", "metadata": {"redacted": {"p": 2, "q": 1, "token": 1}}, "p": "[redacted]", "b": [{"p": "[redacted]"}, "[redacted]"]}`},
		{`{"event_type":"a","q":1}`, `{"event_type":"a","metadata":{"redacted":{"q": 1}}}`},
		{`{"event_type": "a", "metadata": {"redacted": {"p": 1, "b": 2}, "p": {"redacted": {"p": 3}}}}`, `{"event_type": "a", "metadata": {"redacted": {"p": 1}, "p": "[redacted]"}}`},
		{`{"event_type": "a", "metadata": {"redacted": {"p": "1"}}, "q": 1, "redacted": {"p": 1}}`,
			`{"event_type": "a", "metadata": {"redacted": {"p": 2, "q": 1}}, "redacted": {"p": "[redacted]"}}`},
		{`{"event_type": "a", "metadata": {"b": {"redacted": {"p": 1}}}}`, `{"event_type": "a", "metadata": {"b": {"redacted": {"p": "[redacted]"}}, "redacted": {"p": 1}}}`},
		{`{"event_type": "a", "metadata": {"redacted": {"p": 123456789012}}}`, `{"event_type": "a", "metadata": {"redacted": {"p": 1}}}`},
		{`{"a": 1, "p": 2}`, `{"a": 1, "p": "[redacted]"}`},
		{`{"event_type": "a", "metadata": {"b": 1}}`, `{"event_type": "a", "metadata": {"b": 1}}`},
	} {
		got := redacted(t, r, c.line)
		if got != c.want {
			t.Errorf("%s\nis   %s\nwant %s", c.line, got, c.want)
		}
		if again := redacted(t, r, got); again != got {
			t.Errorf("%s\nagain is %s", got, again)
		}
	}
}

func TestCounts(t *testing.T) {
	r := newRedactor(t, redact.Options{Keys: append(keys("p", redact.Mask), keys("q", redact.Drop)...), Rules: testRules(), SecretNames: true})
	clone := r.Clone()
	for range 2 {
		redacted(t, r, `{"p": 1, "q": 2, "password": "x", "b": "tok_12345678, tok_12345678", "q": 3}`)
	}
	want := []redact.Count{{"p", 2}, {"q", 4}, {redact.SecretName, 2}, {"token", 4}}
	if got := r.TakeCounts(); !reflect.DeepEqual(got, want) {
		t.Errorf("counts are %v, want %v", got, want)
	}
	if got := append(r.TakeCounts(), clone.TakeCounts()...); len(got) > 0 {
		t.Errorf("counts are %v, want none", got)
	}
}

func TestText(t *testing.T) {
	r := newRedactor(t, redact.Options{Keys: keys("p", redact.Mask), Rules: testRules()})
	for text, want := range map[string]string{
		"open tok_12345678: no such file": "open [redacted]: no such file",
		`at "{\"p\": 1}": unexpected`:     `at "{\"p\": \"[redacted]\"}": unexpected`,
		"nothing":                         "nothing",
		"\xff tok_12345678 \xff":          "\xff [redacted] \xff",
		`{"p": 1} {"p": 2} {"p": `:        `{"p": "[redacted]"} {"p": "[redacted]"} {"p": `,
	} {
		if got := string(r.AppendText([]byte("> "), []byte(text))); got != "> "+want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

func TestErrors(t *testing.T) {
	for want, o := range map[string]redact.Options{
		"an empty key":    {Keys: keys("a..b", redact.Mask)},
		"alone":           {Keys: keys("**", redact.Mask)},
		"bracket":         {Keys: keys("a.[b", redact.Mask)},
		"more than":       {Keys: keys(strings.Repeat("a.", 63)+"a", redact.Mask)},
		"needs a key":     {Keys: keys("a", redact.HMAC)},
		"too short":       {Mode: redact.HMAC, Secret: []byte("short")},
		"cannot be dropp": {PersonalMode: redact.Drop},
	} {
		if _, err := redact.New(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", o, err, want)
		}
	}
}
