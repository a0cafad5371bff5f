package redact

import "bytes"

// secretNames are the last words of keys whose values are secrets, without what separates
// them.
var secretNames = []string{
	"password", "passwd", "passphrase", "secret", "authorization", "cookie", "privatekey", "apikey", "secretkey",
	"accesskey", "secretaccesskey", "accesstoken", "refreshtoken", "idtoken", "authtoken", "bearertoken", "sessiontoken",
	"apitoken", "connectionstring",
}

// secretEndings are the ends of secret names.
var secretEndings = []string{"password", "passwd", "passphrase", "secret", "authorization", "cookie", "key", "token", "string"}

// isSecretName reports whether a key says that its value is a secret. The end of a long key
// does, as in that of a file of properties.
func isSecretName(key []byte) bool {
	var buf [64]byte
	key = key[max(0, len(key)-len(buf)):]
	words := buf[:0]
	starts := make([]int, 0, 16)
	for i, c := range key {
		switch {
		case c-'A' <= 'Z'-'A':
			if i == 0 || key[i-1]-'A' > 'Z'-'A' || i+1 < len(key) && key[i+1]-'a' <= 'z'-'a' {
				starts = append(starts, len(words))
			}
			words = append(words, c|0x20)
		case c-'a' <= 'z'-'a' || c-'0' <= 9:
			if i == 0 || key[i-1] == '_' || key[i-1] == '-' || key[i-1] == '.' || key[i-1] == ' ' {
				starts = append(starts, len(words))
			}
			words = append(words, c)
		}
	}
	for _, start := range starts {
		for _, name := range secretNames {
			if string(words[start:]) == name {
				return true
			}
		}
	}
	return bytes.HasSuffix(key, []byte("_TOKEN"))
}

// namesSecret reports whether the value at i is a string with a secret name.
func (p *parser) namesSecret(i int) bool {
	if i == len(p.text) || p.text[i] != '"' {
		return false
	}
	p.key = appendDecoded(p.key[:0], p.text[i+1:p.stringEnd(i)])
	return isSecretName(p.key)
}

// secret notes an edit of the string text[start:end], the value of a secret name, and reports
// whether it is a secret.
func (p *parser) secret(start, end int) bool {
	p.key = appendDecoded(p.key[:0], p.text[start:end])
	if isHarmless(p.key) {
		return false
	}
	p.edits = append(p.edits, edit{start, end, p.left(p.options.Mode, p.key), p.secretName()})
	return true
}

// isHarmless reports whether a value of a secret name is none: nothing, a word, a reference to
// a variable, or what an earlier redaction left.
func isHarmless(value []byte) bool {
	value = bytes.TrimSpace(value)
	if n := markerAt(value); n > 0 && n == len(value) {
		return true
	}
	for _, word := range []string{"", "true", "false", "null", "none", "nil", "yes", "no"} {
		if bytes.EqualFold(value, []byte(word)) {
			return true
		}
	}
	first, last := value[0], value[len(value)-1]
	return first == '$' && (last == '}' || isName(value[1:])) ||
		hasPrefix(value, "{{") && last == '}' || first == '<' && last == '>' || first == '%' && last == '%' ||
		len(bytes.Trim(value, "*")) == 0 || len(value) > 2 && len(bytes.Trim(value, "xX")) == 0
}
