package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"auditctl/cmd/internal/fanout"
	"auditctl/cmd/internal/flow"
	"auditctl/cmd/internal/terminal"
	"auditctl/pkg/events"
)

func newEmitCmd(s Streams, asked arguments) *cobra.Command {
	var stdin bool
	var out emitOutputOptions
	var lines lineOptions
	var decode decodeOptions
	cmd := &cobra.Command{
		Use:        "emit TYPE [flags]",
		SuggestFor: []string{"create", "new", "write", "add", "append"},
		Short:      "Create an event",
		Long: `Create an event and write it to standard output, or to every --output DEST: a
path, - for standard output, otlp+http://HOST:PORT for OpenTelemetry, or
nats://HOST/STREAM, see tee. There is a subcommand for each type, with a flag
for each of its keys, and custom for types of your own.

The ids of agent, session and turn default to AUDITCTL_AGENT_ID,
AUDITCTL_SESSION_ID and AUDITCTL_TURN_ID. If there is no turn id, turn_start
generates one: unset AUDITCTL_TURN_ID before the next turn of a script.

--sequence numbers events in metadata.seq, by a counter beside the first FILE of
--output, and --nonce adds random bytes in metadata.nonce, see tee.

With --stdin, read one JSON object per line instead, each with its event_type,
and complete it: fill in defaults, put the keys in order, and keep keys that the
type does not have after the others. An object with a value of the wrong kind is
an invalid line. Flags and variables do not set ids then, and previews are not
cut. --from NAME and --keys make events of the records of another program, see
'auditctl dialects' and filter.

` + redactHint,
		Example: `
# A script that logs what it does
export AUDITCTL_SESSION_ID=nightly
export AUDITCTL_TURN_ID=$(auditctl emit turn_start --prompt-preview "Back up" --print turn_id -o audit.jsonl)
auditctl emit tool_call_complete --tool-name pg_dump --duration-ms 5321 -o audit.jsonl

# An event of your own type
auditctl emit custom deploy --set service=billing --set-json 'replicas=3'

# To OpenTelemetry
auditctl emit error --error-type OOM -o otlp+http://localhost:4318

# To a stream
auditctl emit error --error-type OOM -o nats://localhost/AUDIT

# Complete what another program wrote
echo '{"event_type": "error", "error_type": "OOM"}' | auditctl emit --stdin`,
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case len(args) > 0:
				if like := suggestions(cmd, args[0]); like != "" {
					return remedyf("no event type %q: did you mean %s?", args[0], like)
				}
				return remedyf("no event type %q: for one of your own, write 'emit custom %s'", args[0], args[0])
			case !stdin:
				return usagef("which event type? Or --stdin for events from standard input")
			}
			return runEmitStdin(cmd.Context(), s, out, lines, decode)
		},
	}
	if !asked.name(cmd.Name()) {
		return cmd
	}
	for _, t := range events.Types() {
		if asked.begin(cmd.Name(), t) {
			cmd.AddCommand(newEmitTypeCmd(s, t, asked))
			return cmd
		}
	}
	cmd.Flags().BoolVar(&stdin, "stdin", false, "complete and check the events on standard input")
	groupFlags(cmd, flagsForInput)
	out.register(cmd)
	lines.register(cmd)
	decode.registerDecode(cmd, fromNone)
	for _, t := range events.Types() {
		cmd.AddCommand(newEmitTypeCmd(s, t, asked))
	}
	cmd.AddCommand(newEmitCustomCmd(s, asked))
	return cmd
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
	opts := fanoutOptions(s, s.reporter())
	r, err := o.redaction(opts.Reports)
	if err != nil {
		return err
	}
	if r != nil {
		if event, err = events.Parse(r.Event(event.Line())); err != nil {
			return err
		}
	}
	var printed events.Value
	if o.print != "" {
		if printed = event.Lookup(o.print); printed == nil {
			return usagef("--print %s: the event has no such key", o.print)
		}
	}
	if err := o.apply(&opts); err != nil {
		return err
	}
	dests := fanout.New(opts)
	all, err := dests.Add(fanout.Role{}, outputs...)
	if err != nil {
		return err
	}
	err = sendOne(ctx, dests, all, event)
	if r != nil {
		r.Say(opts.Reports)
	}
	if err == nil && opts.Reports.Failed() {
		err = statusError
	}
	if printed != nil {
		_, printErr := fmt.Fprintln(terminal.Guard(s.Out), printed)
		err = cmp.Or(err, printErr)
	}
	return err
}

// sendOne sends an event to destinations, and closes them. If too few are left, that
// was reported already.
func sendOne(ctx context.Context, dests *fanout.Set, to fanout.Group, e events.Event) error {
	err := dests.Open(ctx)
	if err == nil {
		err = dests.Send([]fanout.Delivery{{To: to, Lines: append(slices.Clone(e.Line()), '\n')}})
	}
	dests.Close()
	if errors.Is(err, fanout.ErrEnough) {
		return nil
	}
	return err
}

// runEmitStdin completes the events on standard input.
func runEmitStdin(ctx context.Context, s Streams, out emitOutputOptions, lines lineOptions, decode decodeOptions) error {
	f, opts := lines.newFlow(s, nil)
	if err := decode.decode(f, true); err != nil {
		return err
	}
	if err := out.redactOptions.apply(f); err != nil {
		return err
	}
	outputs := out.outputs
	if len(outputs) == 0 {
		outputs = []string{"-"}
	}
	if err := out.apply(&opts); err != nil {
		return err
	}
	if opts.Nonces != nil {
		opts.Nonces.MaxLine = f.MaxLine
	}
	if opts.Sequence != nil {
		opts.Sequence.MaxLine = f.MaxLine
	}
	f.Destinations = fanout.New(opts)
	all, err := f.Destinations.Add(fanout.Role{}, outputs...)
	if err != nil {
		return err
	}
	f.Outlets = []flow.Outlet{{To: all, Take: func(_ context.Context, dst []byte, e *flow.Event) ([]byte, bool, error) {
		start := len(dst)
		dst, err := e.AppendComplete(dst)
		if err == nil {
			dst, err = e.Redact(dst, start)
		}
		if err != nil {
			return dst[:start], false, err
		}
		return append(dst, '\n'), true, nil
	}}}
	if err := lines.run(ctx, s, f); err != nil {
		return err
	}
	return statusOf(f)
}
