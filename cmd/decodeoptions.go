package cmd

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"auditctl/cmd/internal/flow"
	"auditctl/cmd/internal/input"
	"auditctl/cmd/internal/report"
	"auditctl/pkg/dialect"
	"auditctl/pkg/dialect/dialects"
	"auditctl/pkg/dialect/table"
	"auditctl/pkg/events"
)

// decodeOptions are the flags for logs of other programs.
type decodeOptions struct {
	from string
	keys string

	fromFlag *pflag.Flag // of from
}

// The values of --from that are no dialects.
const (
	fromAuto = "auto"
	fromNone = "none"
)

// registerDecode adds the flags, with a default for --from: fromAuto for commands that read
// logs to answer, fromNone for those that pass them on.
func (o *decodeOptions) registerDecode(cmd *cobra.Command, from string) {
	defer groupFlags(cmd, flagsForInput)
	fs := cmd.Flags()
	fs.StringVar(&o.from, "from", from, "read another program's log as events: `DIALECT` is one of 'auditctl dialects', auto or none")
	o.fromFlag = fs.Lookup("from")
	fs.StringVar(&o.keys, "keys", "", "where a log of your own has the keys of events: `KEY=PATH,...` or a file")
	completeFlag(cmd, "from", func([]string, string) ([]string, cobra.ShellCompDirective) {
		return append(dialectNames(), fromAuto, fromNone), wordsOnly
	})
	completePaths(cmd, "keys")
}

// decode makes f decode what the flags say, without messages about it if quiet.
func (o *decodeOptions) decode(f *flow.Flow, quiet bool) (err error) {
	f.Hint = hint
	f.From, err = o.dialects(quiet)
	return err
}

// assume makes f decode what is known to be of a dialect, unless a flag names another one,
// or none.
func (o *decodeOptions) assume(f *flow.Flow, name string) {
	if o.keys == "" && (o.from == fromAuto || !o.fromFlag.Changed) {
		f.From = &input.From{Dialect: dialects.Named(name)}
	}
}

// dialects returns what the flags say. It is nil if nothing is decoded.
func (o *decodeOptions) dialects(quiet bool) (*input.From, error) {
	switch from := o.from; {
	case o.keys != "" && from != fromAuto && from != fromNone && from != "json":
		return nil, usagef("--keys says where keys are: drop it, or --from=%s", from)
	case o.keys != "":
		d, err := o.parseKeys()
		return &input.From{Dialect: d}, err
	case from == fromNone:
		return nil, nil
	case from == fromAuto:
		return &input.From{Quiet: quiet}, nil
	}
	d := dialects.Named(o.from)
	if d == nil {
		return nil, wrongWord("from", o.from, append(dialectNames(), fromAuto, fromNone), fmt.Errorf("no dialect %q: '%s dialects' lists them", o.from, name))
	}
	return &input.From{Dialect: d}, nil
}

// hint returns what can be done about a log whose lines have no event_type, by one of them.
func hint(line []byte) string {
	var s events.Scanner
	if s.Scan(line) != nil {
		return "see --from and --keys"
	}
	if d := dialects.Of(&s); d != nil {
		return fmt.Sprintf("it looks like %s: add --from=%s", d.Title, d.Name)
	}
	var keys []string
	for _, likely := range likelyKeys {
		for _, name := range likely.names {
			if v := s.Lookup(name).NonNull(); v != nil {
				keys = append(keys, likely.key+"=."+name)
				break
			}
		}
	}
	if len(keys) == 0 || !strings.HasPrefix(keys[0], "type=") {
		return "name its dialect with --from, or the key of the type with --keys type=.KEY"
	}
	return "name its dialect with --from, or its keys, such as --keys " + strings.Join(keys, ",")
}

// likelyKeys are where logs often have the keys of events.
var likelyKeys = []struct {
	key   string
	names []string
}{
	{"type", []string{"type", "event", "event_name", "eventName", "action", "kind", "msg", "message"}},
	{"timestamp", []string{"timestamp", "time", "ts", "@timestamp", "created_at", "date"}},
	{"severity", []string{"severity", "level"}},
}

// parseKeys reads --keys, which is a table itself if there is a = in it, else a file.
func (o *decodeOptions) parseKeys() (*dialect.Dialect, error) {
	if strings.Contains(o.keys, "=") {
		d, err := table.ParseKeys("--keys", o.keys)
		if err != nil {
			err = usageError{err}
		}
		return d, err
	}
	text, err := readKeys(o.keys)
	if err != nil {
		return nil, err
	}
	return table.ParseKeys(o.keys, string(text))
}

// maxKeys is how large a file of keys may be, which has some lines.
const maxKeys = 1 << 20

func readKeys(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxKeys+1))
	if len(text) > maxKeys {
		err = fmt.Errorf("--keys %s: larger than %s: it is no file of keys", path, report.Size(maxKeys))
	}
	return text, err
}

func dialectNames() []string {
	var names []string
	for _, d := range dialects.All() {
		names = append(names, d.Name)
	}
	return slices.Clip(names)
}
