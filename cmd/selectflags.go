package cmd

import (
	"context"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"auditctl/pkg/collector/jetstream"
	"auditctl/pkg/events"
	"auditctl/pkg/selection"
	"auditctl/pkg/zone"
)

// selectFlags are the flags that say which events are wanted.
type selectFlags struct {
	globs                  [len(globFlags)][]string
	severity, since, until string
	fields                 []string
	wheres                 []string
	args                   []string
	whereMemory            sizeValue
	strict                 bool
	invert                 bool
}

// globFlags are the flags that match a key against globs.
var globFlags = [...]struct {
	flag, short, key, usage string
	not                     bool
}{
	{"type", "t", "event_type", "event types to keep", false},
	{"not-type", "T", "event_type", "event types to leave out", true},
	{"agent-id", "", "agent_id", "agents to keep", false},
	{"session-id", "", "session_id", "sessions to keep", false},
	{"turn-id", "", "turn_id", "turns to keep", false},
	{"tool-name", "", "tool_name", "tools to keep", false},
}

func (f *selectFlags) register(cmd *cobra.Command) {
	fs := cmd.Flags()
	for i, g := range globFlags {
		fs.StringArrayVarP(&f.globs[i], g.flag, g.short, nil, g.usage+": `GLOB,...`")
		offerValues(cmd, g.flag, g.key)
	}
	fs.StringVarP(&f.severity, "severity", "p", "", "severities to keep: at least `LEVEL`, or LEVEL..LEVEL")
	fs.StringVarP(&f.since, "since", "S", "", "keep events at or after `TIME`")
	fs.StringVarP(&f.until, "until", "U", "", "keep events before `TIME`")
	fs.StringArrayVarP(&f.fields, "field", "F", nil, "keep events whose key fits `EXPR`, as in duration_ms>100")
	fs.StringArrayVarP(&f.wheres, "where", "w", nil, "keep events of which the jq expression `JQ` is neither null nor false")
	fs.StringArrayVar(&f.args, "arg", nil, "let $NAME stand for VALUE, a string, in every --where: `NAME=VALUE`; repeatable")
	f.whereMemory = 1 << 30
	fs.Var(&f.whereMemory, "where-memory", "end the run if more than `SIZE` is in use while a --where is long at an event")
	fs.BoolVar(&f.strict, "strict", false, "exit with 2 if a --where fails on an event")
	fs.BoolVarP(&f.invert, "invert", "v", false, "keep the events that would be left out")
	offerSeverities(cmd, "severity")
	offerKeys(cmd, "field", dotted)
	offerKeys(cmd, "where", jqPath)
	offerWords(cmd, "arg")
}

// A selected says which events are wanted, and what there is to say of that at the end.
type selected struct {
	wanted   *matcher
	where    *expressions // nil without --where
	mistakes *mistakes
	stuck    sync.Once
	halted   chan struct{} // closed when what looks for the last events does not go on
}

// join lets a flow ask for the selected events, and say what there is to say of
// mistakes if those matter. What it returns is called at the end.
func (to *selected) join(f *flow, mistakes bool) (done func()) {
	f.halted, done = to.halted, func() {}
	if to.where != nil {
		to.where.reports, to.where.unseen = f.reports, mistakes
		f.observers = append(f.observers, to.where)
		f.supervise = to.where.supervise
		done = to.where.start()
	}
	if mistakes {
		to.mistakes.reports = f.reports
		f.observers = append(f.observers, to.mistakes)
		f.note = to.note
	}
	return done
}

// note notes what the event has that s scanned, on a line of a batch, from 1.
func (to *selected) note(s *events.Scanner, line int64) {
	to.mistakes.note(s, line)
	if to.where != nil {
		to.where.note(s)
	}
}

// ahead returns what asks for the selected events before the flow does, on one
// goroutine.
func (to *selected) ahead() selection.Predicate {
	ctx := context.Background()
	if to.where != nil {
		ctx, _ = to.where.supervise(func() { to.stuck.Do(func() { close(to.halted) }) })
	}
	return func(s *events.Scanner) bool {
		wanted, _ := to.wanted.match(ctx, s) // the flow asks again
		return wanted
	}
}

// matcher puts the flags together. Times are relative to now. Expressions end with ctx.
func (f *selectFlags) matcher(ctx context.Context, now time.Time) (*selected, error) {
	to := &selected{wanted: &matcher{invert: f.invert}, mistakes: &mistakes{}, halted: make(chan struct{})}
	for i, lists := range f.globs {
		if len(lists) == 0 {
			continue
		}
		flag := globFlags[i]
		globs, err := parseGlobs(lists)
		if err != nil {
			return nil, usagef("--%s: %w", flag.flag, err)
		}
		to.mistakes.watchGlobs(flag.flag, flag.key, globs)
		p := selection.OneOf(flag.key, globs)
		if flag.not {
			p = selection.Not(p)
		}
		to.wanted.require(p)
	}
	if err := f.times(to, now); err != nil {
		return nil, err
	}
	if f.severity != "" {
		least, most, err := selection.ParseSeverity(f.severity)
		if err != nil {
			return nil, usagef("--severity: %w", err)
		}
		to.mistakes.watchUnread("severity", "severity", selection.ErrSeverity)
		levels := selection.SeverityRange{From: least, To: most}
		to.wanted.requireEval(func(_ context.Context, s *events.Scanner) (bool, error) { return levels.Eval(s) })
	}
	for _, expr := range f.fields {
		p, err := selection.ParseField(expr)
		if err != nil {
			return nil, usageError{err}
		}
		to.wanted.require(p)
		key, text, _ := selection.FieldKey(expr) // ParseField has read it
		to.mistakes.watchKeys("field", key)
		if len(key) == 1 && nameKinds[key[0]] != "" && text != "" {
			to.mistakes.watchNames("field", key[0], text)
		}
	}
	if len(f.wheres) > 0 || len(f.args) > 0 {
		var err error
		if to.where, err = parseExpressions(ctx, f.wheres, f.args, int64(f.whereMemory)); err != nil {
			return nil, err
		}
		to.where.strict = f.strict
		for _, expr := range to.where.all {
			to.wanted.requireEval(expr.eval)
			for _, c := range expr.Equal() {
				if nameKinds[c.Key] != "" && c.Text != "" {
					to.mistakes.watchNames("where", c.Key, c.Text)
				}
			}
		}
	}
	return to, nil
}

// narrow makes the server leave out of a stream what is not selected, where that
// is by types and sessions that are spelled out. What is no event is left out then
// too, so it must not be wanted.
func (f *selectFlags) narrow(opts *jetstream.ReaderOptions, lines lineOptions) {
	if !f.invert && lines.rejects == "" && lines.mode != failInvalid {
		opts.Types, opts.Sessions = f.literals("type"), f.literals("session-id")
	}
}

// literals returns the values of a flag, none if others may match it.
func (f *selectFlags) literals(flag string) (values []string) {
	for i, lists := range f.globs {
		if globFlags[i].flag != flag {
			continue
		}
		globs, err := parseGlobs(lists)
		if err != nil {
			return nil
		}
		for _, glob := range globs {
			text, ok := glob.Literal()
			if !ok {
				return nil
			}
			values = append(values, text)
		}
	}
	return values
}

// parseGlobs reads the globs of several lists.
func parseGlobs(lists []string) (globs []selection.Glob, err error) {
	for _, list := range lists {
		more, err := selection.ParseGlobs(list)
		if err != nil {
			return nil, err
		}
		globs = append(globs, more...)
	}
	return globs, nil
}

// times adds what --since and --until ask for. Of a time that clocks show twice,
// --since means the first and --until the last.
func (f *selectFlags) times(to *selected, now time.Time) (err error) {
	if f.since == "" && f.until == "" {
		return nil
	}
	period, flag := selection.Period{Until: selection.EndOfTime}, "until"
	if f.until != "" {
		if _, period.Until, err = selection.ParseTime(f.until, now, zone.Local); err != nil {
			return usagef("--until: %w", err)
		}
	}
	if f.since != "" {
		if period.Since, _, err = selection.ParseTime(f.since, now, zone.Local); err != nil {
			return usagef("--since: %w", err)
		}
		flag = "since"
	}
	if f.since != "" && f.until != "" && !f.invert && !period.Since.Before(period.Until) {
		return usagef("--since %s is not before --until %s: nothing can match", f.since, f.until)
	}
	to.mistakes.watchUnread(flag, "timestamp", selection.ErrTimestamp)
	to.wanted.requireEval(func(_ context.Context, s *events.Scanner) (bool, error) { return period.Eval(s) })
	return nil
}
