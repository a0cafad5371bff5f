package cmd

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"auditctl/cmd/internal/record"
	"auditctl/cmd/internal/terminal"
	"auditctl/pkg/hook"
)

type hookOptions struct {
	strict bool
	errors string
	show   string
	recordOptions
	redactOptions
}

// hookName is the name of the command.
const hookName = "hook"

func newHookCmd(s Streams, asked arguments) *cobra.Command {
	o := &hookOptions{}
	cmd := &cobra.Command{
		Use:        hookName + " [-o DEST...]",
		SuggestFor: []string{"hooks", "notify", "capture"},
		Short:      "Record what an agent hands to a hook",
		Long: `Record what Claude Code, Codex, Gemini CLI or Cursor hands to a hook on standard
input, or Codex to notify as an argument: calls of tools, their ends and
failures, requests for permission, denials, prompts, sessions and subagents, and
all other hooks as hooks.NAME. See 'auditctl dialects hooks'. --show prints the
settings to add to those of AGENT: claude-code, codex, gemini or cursor. Other
flags become part of the command in them.

Without --output, events go to $AUDITCTL_LOG or else to auditctl/audit.jsonl in
$XDG_STATE_HOME (~/.local/state). A DEST is what tee takes, but for standard
output, which is the agent's. Hooks that run at once may have the same files.

An attempt without an end may have been refused by the user: no hook tells. An
event has the time at which the hook began unless the agent tells one. What is
no hook is recorded too: nothing on standard input as hooks.empty, anything else
as hooks.invalid with its beginning. Of more than 16 MiB only that is kept.

A hook must not harm its agent. It prints nothing to standard output. It waits
for its input for five seconds at most, and then for its destinations for a
second, or 0.8 seconds at the end of a session. Its exit status is 0 even if
nothing could be recorded, and 1 for wrong usage, which agents show. It is never
2, which would block the agent, but with --strict: no record, no call. Then it
is 2 if an event is not in every DEST and may be the attempt of a call, and 1 if
it is another one. Wrong usage counts as not recorded, too.

Agents show nothing of what a hook with status 0 says. --errors appends it to
FILE, as events of the type error, each followed by the events that are not in
every DEST. To record these later:

  auditctl filter -v -F error_type=not_recorded FILE | auditctl tee -q DEST

With --spool DIR, it waits for a DEST for 50 ms, or --stall-timeout. What a DEST
has not taken is then synced to disk in DIR, be it for a file, a FIFO or a
server, and counts as recorded. The next hook with that DIR and DEST delivers it
first, in order, as far as it gets in that time, and so does tee --spool, which
takes its time. A slow server or disk may get events twice: then wait longer.

With --seal, a file is sealed after each event, or with --seal-every not so
often, but at the end of a session. What that has no time for, the next hook
seals.

` + redactHint + ` A hook does not say
what was redacted, and records what is no hook without its beginning.`,
		Example: `
# Make Claude Code record everything: claude --settings hooks.json
auditctl hook --show claude-code -o audit.jsonl > hooks.json

# No record, no call; and what went wrong goes to a file
auditctl hook --show codex -o audit.jsonl --strict --errors errors.jsonl

# What an agent does at the start of a session
echo '{"hook_event_name": "SessionStart", "session_id": "s1"}' | auditctl hook`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 || len(args) == 1 && strings.HasPrefix(args[0], "{") {
				return nil
			}
			return usagef("%q: destinations are named with --output", brief(args[len(args)-1]))
		},
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.show != "" {
				return runHookShow(s, o, o.commandLine(cmd.Flags()), args)
			}
			return runHook(cmd.Context(), s, o, args)
		},
	}
	if !asked.name(cmd.Name()) {
		return cmd
	}
	fs := cmd.Flags()
	o.registerOutput(cmd)
	fs.BoolVar(&o.strict, "strict", false, "exit with status 2 if a call could not be recorded")
	fs.StringVar(&o.errors, "errors", "", "append what went wrong to `FILE`, with the event")
	fs.StringVar(&o.show, "show", "", "print the settings that make `AGENT` call this command, with these flags")
	groupFlags(cmd, flagsForOutput)
	completeWords(cmd, "show", agentNames()...)
	o.registerRoute(cmd)
	o.recordOptions.register(cmd)
	o.redactOptions.register(cmd, false)
	fs.Lookup("stall-timeout").Usage = "wait for a destination for `D` at most (default 1s, and never longer)"
	fs.Lookup("spool").Usage = "keep in `DIR` what a DEST does not take in 50ms, and deliver it first next time"
	fs.Lookup("seal-every").Usage = "seal after an event only if the last seal is `D` old, such as 10s"
	return cmd
}

// How long a hook takes at most. They are variables for tests.
var (
	hookInputTime = 5 * time.Second        // to read what is handed over
	hookTime      = time.Second            // to record it
	hookEndTime   = 800 * time.Millisecond // to record the end of a session: agents wait for 1.5 s
	hookSpoolTime = 50 * time.Millisecond  // to record it before it is put into a spool
	hookTellTime  = 200 * time.Millisecond // to say what went wrong, for each place
)

// runHook records what is handed over. It returns an error for wrong usage only, and an
// exit status: what else went wrong is told where that is possible.
func runHook(ctx context.Context, s Streams, o *hookOptions, args []string) error {
	trouble := newHookTrouble()
	to, err := o.newLanes(s, trouble)
	if err != nil {
		return err
	}
	r := readHook(ctx, s, args)
	if to.Redaction != nil {
		r = r.Unquoted(time.Now())
	}
	if r.Reason != "" {
		trouble.Errorf("recorded as %s: %s", r.Type, r.Reason)
	}
	limit := hookTime
	if to.Last = r.EndsSession(); to.Last {
		limit = hookEndTime
	}
	recorded := false
	trouble.guard(func() { recorded = to.Send(ctx, r.Lines, limit) })
	trouble.tell(s, o.errors, r, to.Redaction, recorded)
	if recorded || !o.strict {
		return nil
	}
	return unrecorded(r)
}

// newLanes checks the destinations. An error is one of usage.
func (o *hookOptions) newLanes(s Streams, trouble *hookTrouble) (*record.Lanes, error) {
	dests, routes, err := o.destinations("agent", trouble.Reporter)
	if err != nil {
		return nil, err
	}
	opts := fanoutOptions(s, trouble.Reporter)
	opts.After, opts.OnHangup = s.clock(), nil
	redaction, err := o.redaction(trouble.Reporter)
	if err != nil {
		return nil, err
	}
	switch err := o.recordOptions.apply(&opts, slices.Concat(dests, routes.Dests())); {
	case isUsage(err):
		return nil, err
	case err != nil: // the key cannot be read
		trouble.Errorf("%v", err)
	}
	if opts.Spool != "" {
		opts.SpoolAfter = cmp.Or(opts.Stall, hookSpoolTime)
	}
	to, err := record.NewLanes(opts, dests, routes, trouble.guard)
	if err == nil {
		to.Redaction = redaction
	}
	return to, err
}

// unrecorded returns the status of a hook under --strict that was not recorded.
func unrecorded(r *hook.Record) exitStatus {
	if r.MayBeCall() {
		return statusError
	}
	return statusNo
}

// readHook reads what is handed over, for a limited time.
func readHook(ctx context.Context, s Streams, args []string) *hook.Record {
	now := time.Now()
	switch {
	case len(args) > 0:
		return hook.Parse([]byte(args[0]), now)
	case terminal.Is(s.In):
		return hook.Empty("standard input is a terminal", now)
	}
	return hook.Read(&limitedReader{ctx: ctx, src: s.In, late: s.clock()(hookInputTime)}, now)
}

// A limitedReader gives up reading when it is late, or the command is interrupted.
type limitedReader struct {
	ctx  context.Context
	src  io.Reader
	late <-chan time.Time
	err  error
}

func (r *limitedReader) Read(p []byte) (n int, err error) {
	if r.err != nil {
		return 0, r.err
	}
	type result struct {
		text []byte
		err  error
	}
	read := make(chan result, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				read <- result{err: fmt.Errorf("internal error: %v", p)}
			}
		}()
		text := make([]byte, min(len(p), 32<<10)) // which it may write to when p is used again
		n, err := r.src.Read(text)
		read <- result{text[:n], err}
	}()
	select {
	case res := <-read:
		r.err = res.err
		return copy(p, res.text), res.err
	case <-r.late:
		r.err = fmt.Errorf("no end of it within %v", hookInputTime)
	case <-r.ctx.Done():
		r.err = context.Cause(r.ctx)
	}
	return 0, r.err
}
