package cmd

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"auditctl/pkg/collector/jetstream"
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
	wanted   selection.Predicate
	where    *whereReport // nil without --where
	mistakes *mistakes
}

// predicate puts the flags together. Times are relative to now. What there is to say of
// --where is for the flow that asks the predicate until ctx ends.
func (f *selectFlags) predicate(ctx context.Context, now time.Time) (*selected, error) {
	to := &selected{mistakes: &mistakes{}}
	var all []selection.Predicate
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
		all = append(all, p)
	}
	if f.severity != "" {
		least, most, err := selection.ParseSeverity(f.severity)
		if err != nil {
			return nil, usagef("--severity: %w", err)
		}
		to.mistakes.severity.watch("severity")
		all = append(all, selection.Severity(least, most, to.mistakes.severity.note))
	}
	times, err := f.times(now, &to.mistakes.timestamps)
	if err != nil {
		return nil, err
	}
	all = append(all, times...)
	for _, expr := range f.fields {
		p, err := selection.ParseField(expr)
		if err != nil {
			return nil, usageError{err}
		}
		all = append(all, p)
		key, text, _ := selection.FieldKey(expr) // ParseField has read it
		to.mistakes.watchKeys("field", key)
		if len(key) == 1 && nameKinds[key[0]] != "" && text != "" {
			to.mistakes.watchNames("field", key[0], text)
		}
	}
	if len(f.wheres) > 0 || len(f.args) > 0 {
		if to.where, err = newWhereReport(f); err != nil {
			return nil, err
		}
		all = append(all, to.where.predicate(ctx))
		for _, expr := range to.where.exprs {
			for _, c := range expr.Equal() {
				if nameKinds[c.Key] != "" && c.Text != "" {
					to.mistakes.watchNames("where", c.Key, c.Text)
				}
			}
		}
	}
	to.wanted = selection.All(all...)
	if f.invert {
		to.wanted = selection.Not(to.wanted)
	}
	if to.where != nil {
		to.wanted = selection.All(to.where.note, to.wanted)
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

// times returns what --since and --until ask for. Of a time that clocks show twice,
// --since means the first and --until the last. What they cannot read is noted.
func (f *selectFlags) times(now time.Time, unread *unread) ([]selection.Predicate, error) {
	since, until := time.Time{}, selection.EndOfTime
	var err error
	if f.until != "" {
		if _, until, err = selection.ParseTime(f.until, now, zone.Local); err != nil {
			return nil, usagef("--until: %w", err)
		}
		unread.watch("until")
	}
	if f.since != "" {
		if since, _, err = selection.ParseTime(f.since, now, zone.Local); err != nil {
			return nil, usagef("--since: %w", err)
		}
		unread.watch("since")
	}
	switch {
	case f.since == "" && f.until == "":
		return nil, nil
	case f.since != "" && f.until != "" && !f.invert && !since.Before(until):
		return nil, usagef("--since %s is not before --until %s: nothing can match", f.since, f.until)
	}
	return []selection.Predicate{selection.Between(since, until, unread.note)}, nil
}
