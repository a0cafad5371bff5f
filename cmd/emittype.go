package cmd

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"auditctl/pkg/events"
)

// previewLength is how many characters of a preview are kept.
const previewLength = 200

// says is what an event of each type says.
var says = map[string]string{
	events.TypeBase:               "Say nothing but who and when",
	events.TypeTurnStart:          "Say that an agent began a turn",
	events.TypeTurnEnd:            "Say that an agent ended a turn",
	events.TypeToolCallAttempt:    "Say that an agent asked for a tool call",
	events.TypeToolCallComplete:   "Say that a tool call returned",
	events.TypeToolCallFailure:    "Say that a tool call failed",
	events.TypeToolPolicyDecision: "Say what a policy decided about a tool call",
	events.TypeSandboxDecision:    "Say where a tool call was to run",
	events.TypeToolLoopWarning:    "Say that an agent seems to repeat a tool call",
	events.TypeToolLoopBlock:      "Say that a repeated tool call was blocked",
	events.TypeHookMutation:       "Say that a hook changed a tool call",
	events.TypeError:              "Say that something failed outside a tool call",
	events.TypeSkillUsed:          "Say that a skill was used",
	events.TypeSkillAuthored:      "Say that a skill was written",
	events.TypeSkillFeedback:      "Say what somebody thought of a skill",
	events.TypeAgentSwitch:        "Say that one agent handed over to another",
}

func newEmitTypeCmd(s Streams, eventType string, asked func(string) bool) *cobra.Command {
	o := &emitOptions{}
	var keys []events.Key
	var flags []keyFlag
	cmd := &cobra.Command{
		Use:   eventType + " [flags]",
		Short: says[eventType],
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
	if !asked(eventType) {
		return cmd
	}
	keys = events.Keys(eventType)
	for _, key := range keys {
		flags = append(flags, registerKey(cmd.Flags(), key))
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
