package message_test

import (
	"net/url"
	"strings"
	"testing"

	"auditctl/pkg/collector/jetstream/internal/message"
)

func TestToken(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, want string }{
		{"tool_call-1", "tool_call-1"},
		{"", "%"},
		{"-", "%2D"},
		{"--", "--"},
		{"%", "%25"},
		{"a.b *>", "a%2Eb%20%2A%3E"},
		{"é\x00", "%C3%A9%00"},
		{strings.Repeat("x", 96), strings.Repeat("x", 96)},
		{strings.Repeat("x", 97), strings.Repeat("x", 73) + "~" + "Gajwfut_PQwLc3fjfXLszQ"},
		{strings.Repeat("x", 72) + strings.Repeat(".", 20), strings.Repeat("x", 72) + "~" + "VhcZF17n6vHEe8E-PmWdgw"},
	} {
		if got := message.Token(test.text); got != test.want {
			t.Errorf("%q: %s, want %s", test.text, got, test.want)
		}
	}
}

// A token is legal and of bounded length, and different texts have different tokens.
func FuzzToken(f *testing.F) {
	for _, text := range []string{"", "-", "sess-7f3a", "a.b", "*", ">", "é", "\x00\xff", "%", "%2D", "~", strings.Repeat("x", 97), strings.Repeat("é", 40)} {
		f.Add(text, text+"x")
	}
	f.Fuzz(func(t *testing.T, text, other string) {
		token := message.Token(text)
		if len(token) == 0 || len(token) > 96 {
			t.Errorf("%q: %d bytes", text, len(token))
		}
		for _, c := range []byte(token) {
			if c <= ' ' || c >= 0x7f || c == '.' || c == '*' || c == '>' {
				t.Errorf("%q: %q has %q", text, token, c)
			}
		}
		if token == "-" {
			t.Errorf("%q: the token for an absent id", text)
		}
		if text != other && token == message.Token(other) {
			t.Errorf("%q and %q share %s", text, other, token)
		}
		if text != "" && !strings.Contains(token, "~") {
			if back, err := url.PathUnescape(token); err != nil || back != text {
				t.Errorf("%q: %s is %q, %v", text, token, back, err)
			}
		}
	})
}
