package match

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"

	"auditctl/pkg/where"
)

var variableName = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
})

// whereOptions returns the options of every --where: the environment, and the variables
// of --arg.
func whereOptions(args []string) ([]where.Option, error) {
	options := []where.Option{where.Environ(os.Environ())}
	given := map[string]bool{}
	for _, arg := range args {
		name, value, ok := strings.Cut(arg, "=")
		switch {
		case !ok:
			return nil, fmt.Errorf("--arg %q: want NAME=VALUE", arg)
		case !variableName().MatchString(name):
			return nil, fmt.Errorf("--arg %q: a NAME has letters, digits and _ only, and no digit first", arg)
		case name == "ENV":
			return nil, fmt.Errorf("--arg %q: $ENV is the environment: take another name", arg)
		case given[name]:
			return nil, fmt.Errorf("--arg %q: $%s was given a value before", arg, name)
		case !utf8.ValidString(value):
			return nil, fmt.Errorf("--arg %q: not valid UTF-8, as all of an event is", arg)
		}
		given[name] = true
		options = append(options, where.Arg(name, value))
	}
	return options, nil
}
