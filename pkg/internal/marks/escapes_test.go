package marks

import (
	"bytes"
	"regexp"
	"testing"
)

var escape = regexp.MustCompile(`^\\(["\\/bfnrt]|u[0-9A-Fa-f]{4})`)

// plainAfterEscapes is Window.AfterEscapes without a window, byte by byte.
func plainAfterEscapes(line []byte, i int) int {
	for i < len(line) {
		switch {
		case !isSpecial(line[i]):
			i++
		case escape.Match(line[i:]):
			i += len(escape.Find(line[i:]))
		default:
			return i
		}
	}
	return i
}

func FuzzAfterEscapes(f *testing.F) {
	for _, text := range []string{`\n`, `\\"`, `a\"b\\\u00e9`, `\`, `é\t`, "\\\n", `\u00e9\uABCDx\u12`, `\u00g9`} {
		f.Add([]byte(text), 0)
		f.Add([]byte(text), 62)
		f.Add([]byte(text), 63)
		f.Add([]byte(text), 64*maxWords-1)
	}
	f.Fuzz(func(t *testing.T, text []byte, before int) {
		line := append(bytes.Repeat([]byte("~"), min(max(before, 0), 1<<13)), text...)
		line = append(line, bytes.Repeat([]byte(`\"`), len(text))...)
		withEachSet(func(set Set) {
			var w Window
			w.Fill(line, 0)
			for i := 0; i < len(line); i++ {
				got, want := w.AfterEscapes(line, i), plainAfterEscapes(line, i)
				if got != want {
					t.Fatalf("%v: after the escapes of %q from %d is %d, want %d", set, line, i, got, want)
				}
				i = got
			}
		})
	})
}
