package rule

import (
	"bytes"
	"strings"
)

// notPlaceholder reports whether a value is none of those that stand for a secret in
// documentation, templates and code, or that are left of one that was redacted.
func notPlaceholder(value []byte) bool {
	v := strings.ToLower(string(bytes.TrimSpace(value)))
	return !isWord(v) && !isVariable(v) && !isRepetition(v)
}

func isWord(v string) bool {
	switch v {
	case "", "none", "null", "nil", "undefined", "true", "false", "yes", "no", "on", "off",
		"password", "passwd", "pass", "passphrase", "pwd", "pw", "secret", "token", "key",
		"apikey", "api_key", "api-key", "string", "str", "bytes", "byte", "int", "bool", "any",
		"object", "text", "value", "changeme", "change-me", "change_me", "example", "empty",
		"optional", "required", "hidden", "masked", "redacted", "todo", "tbd", "n/a", "default":
		return true
	}
	for _, prefix := range []string{"your-", "your_", "your ", "my-", "my_", "<your", "replace", "insert-", "insert_", "example-", "example_", "hmac-sha256:", "sha256:", "file:", "env:", "arn:", "op://", "vault:", "projects/", "os.", "process.env", "secrets.", "var.", "local.", "data.", "self.", "this.", "config."} {
		if strings.HasPrefix(v, prefix) {
			return true
		}
	}
	return strings.Contains(v, "placeholder") || strings.HasSuffix(v, "-here") || strings.HasSuffix(v, "_here")
}

// isVariable reports whether v stands for another value: $NAME, ${NAME}, $(command), <name>,
// {name}, [name], %s, %NAME%, #{name}, `command`.
func isVariable(v string) bool {
	last := v[len(v)-1]
	switch v[0] {
	case '$':
		return len(v) > 1 && (v[1] == '{' || v[1] == '(' || isName(v[1:]))
	case '<':
		return last == '>'
	case '{':
		return last == '}'
	case '[':
		return last == ']'
	case '`':
		return last == '`'
	case '#':
		return len(v) > 1 && v[1] == '{'
	case '%':
		return last == '%' || len(v) <= 3 || v[1] == '(' || v[1] == '{'
	}
	return false
}

// isName reports whether v could be the name of a variable.
func isName(v string) bool {
	for i := range len(v) {
		c := v[i] | 0x20
		if !('a' <= c && c <= 'z' || v[i] == '_' || i > 0 && '0' <= v[i] && v[i] <= '9') {
			return false
		}
	}
	return v != ""
}

// isRepetition reports whether v has at most two different characters, as xxxx-xxxx and ***
// have, or an ellipsis.
func isRepetition(v string) bool {
	rest := strings.ReplaceAll(v, v[:1], "")
	if rest != "" {
		rest = strings.ReplaceAll(rest, rest[:1], "")
	}
	return rest == "" || strings.Contains(v, "...") || strings.Contains(v, "…")
}
