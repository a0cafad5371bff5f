package cmd

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"auditctl/pkg/events"
	"auditctl/pkg/selection"
)

// previewLength is how many characters of a preview are kept.
const previewLength = 200

func newEmitCmd(s Streams) *cobra.Command {
	var stdin bool
	var out outputOption
	var lines lineOptions
	cmd := &cobra.Command{
		Use:   "emit TYPE [flags]",
		Short: "Make an event",
		Long: `Make one event and write it to standard output, or to every --output DEST. There
is a subcommand for each type, with a flag for each of its keys, and custom for
types of your own.

The agent, session and turn are those of AUDITCTL_AGENT_ID, AUDITCTL_SESSION_ID
and AUDITCTL_TURN_ID unless flags say otherwise. turn_start makes a turn id where
neither gives one: unset AUDITCTL_TURN_ID before the next turn of a script.

With --stdin, read one JSON object a line instead, each with its event_type, and
complete it: fill in defaults, put the keys in their order, and keep keys that
the type does not have behind the others. An object with a value of the wrong
kind is an invalid line. Neither flags nor variables give ids then, and no
preview is cut.`,
		Example: example(`
# A script that logs what it does
export AUDITCTL_SESSION_ID=nightly
export AUDITCTL_TURN_ID=$(auditctl emit turn_start --prompt-preview "Back up" --print turn_id -o audit.jsonl)
auditctl emit tool_call_complete --tool-name pg_dump --duration-ms 5321 -o audit.jsonl

# A type of your own
auditctl emit custom deploy --set service=billing --set-json 'replicas=3'

# Complete what another program wrote
echo '{"event_type": "error", "error_type": "OOM"}' | auditctl emit --stdin`),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case len(args) > 0:
				if like := didYouMean(cmd, args[0]); like != "" {
					return usagef("no event type %q%s", args[0], like)
				}
				return usagef("no event type %q: for a type of your own use 'emit custom %s'", args[0], args[0])
			case !stdin:
				return usagef("which event type? Or --stdin for events from standard input")
			}
			return runEmitStdin(cmd.Context(), s, out, lines)
		},
	}
	cmd.Flags().BoolVar(&stdin, "stdin", false, "complete and check the events on standard input")
	out.register(cmd.Flags())
	lines.register(cmd)
	for _, t := range events.Types() {
		cmd.AddCommand(newEmitTypeCmd(s, t))
	}
	cmd.AddCommand(newEmitCustomCmd(s))
	return cmd
}

// emitOptions are the flags that every type has.
type emitOptions struct {
	outputOption

	agentID, sessionID, turnID string
	severity, timestamp        string
	metadata                   []string
	metadataJSON               string
	print                      string
}

func (o *emitOptions) register(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.StringVar(&o.agentID, "agent-id", "", "the agent (default $AUDITCTL_AGENT_ID)")
	fs.StringVar(&o.sessionID, "session-id", "", "the session (default $AUDITCTL_SESSION_ID)")
	fs.StringVar(&o.turnID, "turn-id", "", "the turn (default $AUDITCTL_TURN_ID)")
	fs.StringVar(&o.severity, "severity", "", "debug, info, warning, error or critical (default: the type's)")
	fs.StringVar(&o.timestamp, "timestamp", "", "`TIME` when it happened (default: now)")
	fs.StringArrayVar(&o.metadata, "metadata", nil, "set `KEY=VALUE` in the metadata; repeatable")
	fs.StringVar(&o.metadataJSON, "metadata-json", "", "start the metadata with `OBJECT`")
	fs.StringVar(&o.print, "print", "", "print `KEY` of the event instead of the event")
	o.outputOption.register(fs)
	completeSeverities(cmd, "severity")
	completePrint(cmd, "print")
}

// A draft is a JSON object in the making.
type draft []byte

func (d *draft) set(key string, raw []byte) {
	*d = append(*d, ", "...)
	*d = append(*d, quote(key)...)
	*d = append(*d, ": "...)
	*d = append(*d, raw...)
}

// quote returns text as a JSON string; invalid UTF-8 becomes U+FFFD.
func quote(text string) []byte {
	raw, err := json.Marshal(text)
	if err != nil {
		panic(err) // a string always is
	}
	return raw
}

// draft starts an event of a type with what the common flags say.
func (o *emitOptions) draft(eventType string, changed func(flag string) bool, now time.Time) (draft, error) {
	d := append(draft(`{"event_type": `), quote(eventType)...)
	for _, id := range []struct{ key, flag, variable, value string }{
		{"agent_id", "agent-id", "AUDITCTL_AGENT_ID", o.agentID},
		{"turn_id", "turn-id", "AUDITCTL_TURN_ID", o.turnID},
		{"session_id", "session-id", "AUDITCTL_SESSION_ID", o.sessionID},
	} {
		switch variable := os.Getenv(id.variable); {
		case changed(id.flag):
			d.set(id.key, quote(id.value))
		case variable != "":
			d.set(id.key, quote(variable))
		case id.key == "turn_id" && eventType == events.TypeTurnStart:
			d.set(id.key, quote(newTurnID()))
		}
	}
	if o.severity != "" {
		if events.Severity(o.severity).Rank() == 0 {
			return nil, usagef("--severity %q: want debug, info, warning, error or critical", o.severity)
		}
		d.set("severity", quote(o.severity))
	}
	if o.timestamp != "" {
		at, err := selection.ParseTime(o.timestamp, now)
		if err != nil {
			return nil, usagef("--timestamp: %w", err)
		}
		d.set("timestamp", quote(at.Format(time.RFC3339Nano)))
	}
	var metadata events.Metadata
	if o.metadataJSON != "" {
		object, err := parseJSON(o.metadataJSON)
		if err != nil || object.Kind() != events.Object {
			return nil, usagef("--metadata-json %q: want a JSON object", o.metadataJSON)
		}
		for key, value := range object.Members() {
			metadata.Set(string(key), value)
		}
	}
	for _, pair := range o.metadata {
		key, value, ok := strings.Cut(pair, "=")
		if !ok {
			return nil, usagef("--metadata %q: want KEY=VALUE", pair)
		}
		metadata.Set(key, value)
	}
	raw, err := metadata.MarshalJSON()
	if err != nil {
		return nil, err
	}
	d.set("metadata", raw)
	return d, nil
}

// newTurnID returns 12 hexadecimal digits, as calute makes them.
func newTurnID() string {
	return fmt.Sprintf("%012x", rand.Uint64()>>16)
}

// parseJSON checks that text is one JSON value.
func parseJSON(text string) (events.Value, error) {
	raw := strings.Trim(text, " \t\r\n")
	if !utf8.ValidString(raw) || !json.Valid([]byte(raw)) {
		return nil, fmt.Errorf("%q is not JSON", text)
	}
	return events.Value(raw), nil
}

func newEmitTypeCmd(s Streams, eventType string) *cobra.Command {
	o := &emitOptions{}
	keys := events.Keys(eventType)
	flags := make([]keyFlag, len(keys))
	cmd := &cobra.Command{
		Use:   eventType + " [flags]",
		Short: "Make a " + eventType + " event",
		Args:  usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			d, err := o.draft(eventType, cmd.Flags().Changed, time.Now())
			if err != nil {
				return err
			}
			for i := range flags {
				if cmd.Flags().Changed(flags[i].name) {
					d.set(keys[i].Name, flags[i].raw())
				}
			}
			return runEmit(cmd.Context(), s, o, d)
		},
	}
	for i, key := range keys {
		flags[i] = registerKey(cmd.Flags(), key)
	}
	o.register(cmd)
	return cmd
}

// A keyFlag is the flag for a key of an event type.
type keyFlag struct {
	name string
	raw  func() []byte // the value given, as JSON
}

func registerKey(fs *pflag.FlagSet, key events.Key) keyFlag {
	name := strings.ReplaceAll(key.Name, "_", "-")
	switch key.Kind {
	case events.IntKey:
		v := new(intValue)
		fs.Var(v, name, key.Name)
		return keyFlag{name, func() []byte { return fmt.Append(nil, *v) }}
	case events.FloatKey:
		v := new(floatValue)
		usage := key.Name
		if strings.HasSuffix(name, "-ms") {
			usage += ", in milliseconds"
		}
		fs.Var(v, name, usage)
		return keyFlag{name, func() []byte { return fmt.Append(nil, *v) }}
	case events.BoolKey:
		v := fs.Bool(name, string(key.Default) == "true", key.Name)
		return keyFlag{name, func() []byte { return fmt.Append(nil, *v) }}
	case events.StringsKey:
		v := fs.StringArray(name, nil, key.Name+", separated by commas or repeated")
		return keyFlag{name, func() []byte {
			list := []string{}
			for _, part := range strings.Split(strings.Join(*v, ","), ",") {
				if part != "" {
					list = append(list, part)
				}
			}
			raw, err := json.Marshal(list)
			if err != nil {
				panic(err) // a list of strings always is
			}
			return raw
		}}
	}
	usage, cut := key.Name, strings.HasSuffix(key.Name, "_preview")
	if cut {
		usage += fmt.Sprintf(", of which the first %d characters are kept", previewLength)
	}
	v := fs.String(name, key.Default.String(), usage)
	return keyFlag{name, func() []byte {
		if cut {
			return quote(firstRunes(*v, previewLength))
		}
		return quote(*v)
	}}
}

func firstRunes(text string, n int) string {
	for i := range text {
		if n == 0 {
			return text[:i]
		}
		n--
	}
	return text
}

// An intValue is a flag for an integer in decimal digits.
type intValue int64

func (v *intValue) Type() string   { return "int" }
func (v *intValue) String() string { return fmt.Sprint(int64(*v)) }

func (v *intValue) Set(text string) error {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return fmt.Errorf("want an integer")
	}
	*v = intValue(n)
	return nil
}

// A floatValue is a flag for a number that JSON can hold.
type floatValue float64

func (v *floatValue) Type() string   { return "float" }
func (v *floatValue) String() string { return fmt.Sprint(float64(*v)) }

func (v *floatValue) Set(text string) error {
	number, err := parseJSON(text)
	if err != nil || number.Kind() != events.Number {
		return fmt.Errorf("want a number")
	}
	if json.Unmarshal(number, (*float64)(v)) != nil {
		return fmt.Errorf("want a number that fits into 64 bits")
	}
	return nil
}

func newEmitCustomCmd(s Streams) *cobra.Command {
	o := &emitOptions{}
	var set, setJSON []string
	cmd := &cobra.Command{
		Use:   "custom TYPE [flags]",
		Short: "Make an event of a type of your own",
		Example: example(`
auditctl emit custom deploy --set service=billing --set-json 'replicas=3'`),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 || args[0] == "" {
				return usagef("want one TYPE, the name of a type of your own")
			}
			eventType := args[0]
			if _, err := events.NewRecord(eventType); err == nil {
				return usagef("%s is not a type of your own: use 'emit %s'", eventType, eventType)
			}
			d, err := o.draft(eventType, cmd.Flags().Changed, time.Now())
			if err != nil {
				return err
			}
			if err := d.setPairs(set, setJSON); err != nil {
				return err
			}
			return runEmit(cmd.Context(), s, o, d)
		},
	}
	cmd.Flags().StringArrayVar(&set, "set", nil, "set `KEY=VALUE`, a string; repeatable")
	cmd.Flags().StringArrayVar(&setJSON, "set-json", nil, "set `KEY=JSON`; repeatable")
	o.register(cmd)
	return cmd
}

// setPairs sets the keys of --set and --set-json.
func (d *draft) setPairs(set, setJSON []string) error {
	seen := map[string]bool{}
	one := func(flag, pair string, value func(string) ([]byte, error)) error {
		key, text, ok := strings.Cut(pair, "=")
		if !ok || key == "" {
			return usagef("--%s %q: want KEY=VALUE", flag, pair)
		}
		if events.IsEnvelopeKey(key) {
			return usagef("--%s %q: %s is not a key of your own: it has a flag", flag, pair, key)
		}
		if written := string(quote(key)); seen[written] {
			return usagef("--%s %q: the key is set twice", flag, pair)
		} else {
			seen[written] = true
		}
		raw, err := value(text)
		if err != nil {
			return usagef("--%s %q: %w", flag, pair, err)
		}
		d.set(key, raw)
		return nil
	}
	for _, pair := range set {
		if err := one("set", pair, func(text string) ([]byte, error) { return quote(text), nil }); err != nil {
			return err
		}
	}
	for _, pair := range setJSON {
		if err := one("set-json", pair, func(text string) ([]byte, error) { return parseJSON(text) }); err != nil {
			return err
		}
	}
	return nil
}

// runEmit completes a draft and sends it to its destinations.
func runEmit(ctx context.Context, s Streams, o *emitOptions, d draft) error {
	outputs := o.outputs
	switch {
	case o.print != "" && slices.Contains(outputs, "-"):
		return usagef("--print writes to standard output instead of the event: drop --output -")
	case o.print == "" && len(outputs) == 0:
		outputs = []string{"-"}
	}
	event, err := events.Complete(append(d, '}'))
	if err != nil {
		return err
	}
	var printed events.Value
	if o.print != "" {
		if printed = event.Lookup(o.print); printed == nil {
			return usagef("--print %s: the event has no such key", o.print)
		}
	}
	dests := newDestinations(s, nil, &reporter{w: s.Err})
	all, err := dests.addAll(outputs)
	if err != nil {
		return err
	}
	err = dests.send(ctx, all, event)
	if printed != nil {
		_, printErr := fmt.Fprintln(s.Out, printed)
		err = cmp.Or(err, printErr)
	}
	return err
}

// runEmitStdin completes the events on standard input.
func runEmitStdin(ctx context.Context, s Streams, out outputOption, lines lineOptions) error {
	f := newFlow(s, nil, lines)
	outputs := out.outputs
	if len(outputs) == 0 {
		outputs = []string{"-"}
	}
	all, err := f.dests.addAll(outputs)
	if err != nil {
		return err
	}
	f.outlets = []outlet{{to: all, take: func(dst []byte, s *events.Scanner) ([]byte, bool, error) {
		dst, err := s.AppendComplete(dst)
		if err != nil {
			return dst, false, err
		}
		return append(dst, '\n'), true, nil
	}}}
	if err := f.run(ctx); err != nil {
		return err
	}
	return f.status()
}
