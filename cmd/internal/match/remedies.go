package match

import (
	"fmt"
	"slices"
	"strings"
)

// A Remedy is an error that says what to do about it.
type Remedy struct{ Err error }

func (r Remedy) Error() string { return r.Err.Error() }
func (r Remedy) Unwrap() error { return r.Err }

func remedyf(format string, args ...any) error { return Remedy{fmt.Errorf(format, args...)} }

// withRemedy adds what was likely meant to the error about a jq expression.
func withRemedy(err error) error {
	text := err.Error()
	if _, name, ok := strings.Cut(text, "variable not defined: $"); ok && !strings.HasPrefix(name, "_") {
		return remedyf("%w: --arg %s=VALUE defines it", err, name)
	}
	if _, function, ok := strings.Cut(text, "function not defined: "); ok {
		name, arguments, _ := strings.Cut(function, "/")
		switch {
		case slices.Contains(KnownKeys(), name):
			return remedyf("no function %s: a key is written .%s", name, name)
		case arguments == "0" && !slices.Contains(unavailable, name):
			return remedyf("no function %s: a string is written %q", name, name)
		case slices.Contains([]string{"grep", "match_regexp", "matches", "regexp", "regex", "like"}, name):
			return remedyf("no function %s: did you mean test?", name)
		}
	}
	for _, operator := range foreign {
		if strings.HasSuffix(text, "unexpected token \""+operator.token+"\"") {
			return remedyf("%w: %s", err, operator.remedy)
		}
	}
	return err
}

// unavailable are functions of jq that there is no use for.
var unavailable = []string{"debug", "stderr", "input", "inputs", "input_filename", "input_line_number"}

// foreign are tokens of other languages.
var foreign = [...]struct{ token, remedy string }{
	{"'", "strings are in double quotes"},
	{"&", "write 'and'"},
	{"|", "write 'or'"},
	{"=", "compare with =="},
	{"~", `write test("REGEXP")`},
	{"!", "write '| not' after it"},
}
