package cmd

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"auditctl/cmd/internal/flow"
	"auditctl/cmd/internal/match"
	"auditctl/pkg/collector/jetstream"
	"auditctl/pkg/selection"
)

// selectFlags are the flags that select events.
type selectFlags struct {
	zoneOptions
	sinceFlag              string // the long name of -S; empty: since
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
	{"type", "t", "event_type", "keep events whose type matches `GLOB,...`", false},
	{"not-type", "T", "event_type", "leave out events whose type matches `GLOB,...`", true},
	{"agent-id", "", "agent_id", "keep events whose agent matches `GLOB,...`", false},
	{"session-id", "", "session_id", "keep events whose session matches `GLOB,...`", false},
	{"turn-id", "", "turn_id", "keep events whose turn matches `GLOB,...`", false},
	{"tool-name", "", "tool_name", "keep events whose tool matches `GLOB,...`", false},
}

func (f *selectFlags) register(cmd *cobra.Command) {
	defer groupFlags(cmd, flagsForSelection)
	fs := cmd.Flags()
	for _, g := range globFlags {
		f.registerGlobs(cmd, g.flag)
	}
	fs.StringVarP(&f.severity, "severity", "p", "", "keep events of at least `LEVEL`, or of LEVEL..LEVEL")
	f.registerTimes(cmd)
	fs.StringArrayVarP(&f.fields, "field", "F", nil, "keep events that match `EXPR`, such as duration_ms>100")
	fs.StringArrayVarP(&f.wheres, "where", "w", nil, "keep events for which `JQ` is true")
	fs.StringArrayVar(&f.args, "arg", nil, "in every --where, set $NAME to a string: `NAME=VALUE`; repeatable")
	f.whereMemory = 1 << 30
	fs.Var(&f.whereMemory, "where-memory", "most memory that --where may use on one event")
	fs.BoolVar(&f.strict, "strict", false, "exit with status 2 if --where fails on an event")
	fs.BoolVarP(&f.invert, "invert", "v", false, "keep the events that do not match")
	completeSeverities(cmd, "severity")
	completeKeys(cmd, "field", dotted)
	completeKeys(cmd, "where", match.JQPath)
}

// registerGlobs adds some of the flags that match a key against globs.
func (f *selectFlags) registerGlobs(cmd *cobra.Command, flags ...string) {
	for i, g := range globFlags {
		if slices.Contains(flags, g.flag) {
			cmd.Flags().StringArrayVarP(&f.globs[i], g.flag, g.short, nil, g.usage)
			completeValues(cmd, g.flag, g.key)
		}
	}
}

func (f *selectFlags) registerTimes(cmd *cobra.Command) {
	fs := cmd.Flags()
	f.sinceFlag = cmp.Or(f.sinceFlag, "since")
	fs.StringVarP(&f.since, f.sinceFlag, "S", "", "keep events at or after `TIME`")
	fs.StringVarP(&f.until, "until", "U", "", "keep events before `TIME`")
	f.zoneOptions.register(cmd)
	completeTimes(cmd, f.sinceFlag, "until")
}

// selects reports whether there are flags that leave out events.
func (f *selectFlags) selects() bool {
	return f.severity != "" || f.since != "" || f.until != "" || len(f.fields) > 0 || len(f.wheres) > 0 || f.invert ||
		slices.ContainsFunc(f.globs[:], func(globs []string) bool { return len(globs) > 0 })
}

// query returns the query of the flags. Times are relative to now. Expressions stop
// when ctx ends.
func (f *selectFlags) query(ctx context.Context, now time.Time) (*match.Query, error) {
	q := match.NewQuery()
	q.Invert = f.invert
	for i, lists := range f.globs {
		if len(lists) == 0 {
			continue
		}
		flag := globFlags[i]
		globs, err := parseGlobs(lists)
		if err != nil {
			return nil, usagef("--%s: %w", flag.flag, err)
		}
		q.Globs(flag.flag, flag.key, globs, flag.not)
	}
	if err := f.times(q, now); err != nil {
		return nil, err
	}
	if f.severity != "" {
		from, to, err := selection.ParseSeverity(f.severity)
		if err != nil {
			return nil, wrongWord("severity", f.severity, severityNames(), err)
		}
		q.Severity("severity", selection.Severities(from, to))
	}
	for _, expr := range f.fields {
		if err := q.Field("field", expr); err != nil {
			return nil, usageError{err}
		}
	}
	if len(f.wheres) > 0 || len(f.args) > 0 {
		where, err := match.ParseExpressions(ctx, f.wheres, f.args, int64(f.whereMemory))
		if err != nil {
			return nil, usageError{err}
		}
		where.Strict = f.strict
		q.Where("where", where)
	}
	return q, nil
}

// narrow lets the server select the events of a stream, by types and sessions that are
// spelled out. The server then leaves out invalid lines too, so nobody may need them.
func (f *selectFlags) narrow(opts *jetstream.ReaderOptions, lines lineOptions) {
	if !f.invert && lines.rejects == "" && flow.Invalid(lines.invalid) != flow.FailInvalid {
		opts.Types, opts.Sessions = f.literals("type"), f.literals("session-id")
	}
}

// literals returns the values of a flag, none if others match it too.
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

// parseGlobs parses the globs of several lists.
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

// times adds the conditions of --since and --until. If clocks show a time twice,
// --since means the first and --until the last.
func (f *selectFlags) times(q *match.Query, now time.Time) (err error) {
	if f.zoneOptions.set() {
		if _, err := f.location(); err != nil {
			return err
		}
	}
	if f.since == "" && f.until == "" {
		return nil
	}
	period, flag := selection.Period{Until: selection.EndOfTime}, "until"
	if f.until != "" {
		if _, period.Until, err = selection.ParseTime(f.until, now, f.location); err != nil {
			return wrongWord("until", f.until, timeWords[:], err)
		}
	}
	if f.since != "" {
		if period.Since, _, err = selection.ParseTime(f.since, now, f.location); err != nil {
			return wrongWord(f.sinceFlag, f.since, timeWords[:], err)
		}
		flag = f.sinceFlag
	}
	if f.since != "" && f.until != "" && !f.invert && !period.Since.Before(period.Until) {
		return usagef("--%s %s is not before --until %s: nothing can match", f.sinceFlag, f.since, f.until)
	}
	q.Period(flag, period)
	return nil
}
