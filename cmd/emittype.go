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

// emitHelp says for each type what its events mean, and has the flags of an example.
var emitHelp = map[string]struct{ short, example string }{
	events.TypeBase:               {"An event with only the common keys", "--agent-id planner"},
	events.TypeTurnStart:          {"An agent started a turn", "--prompt-preview 'Back up billing' --print turn_id -o audit.jsonl"},
	events.TypeTurnEnd:            {"An agent finished a turn", "--content-preview 'Backed up billing' --function-calls-count 2"},
	events.TypeToolCallAttempt:    {"An agent requested a tool call", `--tool-name grep --arguments-preview '{"pattern": "TODO"}'`},
	events.TypeToolCallComplete:   {"A tool call returned", "--tool-name grep --duration-ms 38.9 --result-preview '14 matches'"},
	events.TypeToolCallFailure:    {"A tool call failed", "--tool-name open_issue --error-type HTTPError --error-message '429 Too Many Requests'"},
	events.TypeToolPolicyDecision: {"A policy decided about a tool call", "--tool-name shell_exec --action deny --policy-source operator_override"},
	events.TypeSandboxDecision:    {"It was decided where a tool call runs", "--tool-name shell_exec --context untrusted_input --backend-type docker"},
	events.TypeToolLoopWarning:    {"An agent seems to repeat a tool call", "--tool-name open_issue --pattern same_args_3x --call-count 3"},
	events.TypeToolLoopBlock:      {"A repeated tool call was blocked", "--tool-name open_issue --pattern same_args_5x --call-count 5"},
	events.TypeHookMutation:       {"A hook changed a tool call", "--hook-name redact_secrets --tool-name shell_exec --mutated-field arguments"},
	events.TypeError:              {"Something failed outside a tool call", "--error-type TimeoutError --error-message 'no answer after 30s'"},
	events.TypeSkillUsed:          {"A skill was used", "--skill-name backup --version 1.2 --outcome success --duration-ms 5321"},
	events.TypeSkillAuthored:      {"A skill was written", "--skill-name backup --version 1.3 --tool-count 2 --unique-tools pg_dump,gzip"},
	events.TypeSkillFeedback:      {"Somebody rated a skill", "--skill-name backup --rating negative --reason 'too slow'"},
	events.TypeAgentSwitch:        {"One agent handed over to another", "--from-agent planner --to-agent tracker --reason 'issues to open'"},
}

func newEmitTypeCmd(s Streams, eventType string, asked arguments) *cobra.Command {
	o := &emitOptions{}
	var keys []events.Key
	var flags []keyFlag
	cmd := &cobra.Command{
		Use:     eventType + " [flags]",
		Short:   emitHelp[eventType].short,
		Example: "auditctl emit " + eventType + " " + emitHelp[eventType].example,
		Args:    wantArgs(0, 0, ""),
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
	if !asked.name(eventType) {
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
		v := fs.StringArray(name, nil, key.Name+", comma-separated or repeated")
		return keyFlag{name, func() []byte {
			list := []string{}
			for _, part := range strings.Split(strings.Join(*v, ","), ",") {
				if part != "" {
					list = append(list, part)
				}
			}
			raw, err := json.Marshal(list)
			if err != nil {
				panic(err) // lists of strings never fail
			}
			return raw
		}}
	}
	usage, cut := key.Name, strings.HasSuffix(key.Name, "_preview")
	if cut {
		usage += fmt.Sprintf(", cut after %d characters", previewLength)
	}
	v := fs.String(name, key.Default.String(), usage)
	allowEmpty(fs, name)
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
