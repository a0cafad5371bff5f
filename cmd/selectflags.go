package cmd

import (
	"time"

	"github.com/spf13/cobra"

	"auditctl/pkg/selection"
)

// selectFlags are the flags that say which events are wanted.
type selectFlags struct {
	types, notTypes                []string
	agents, sessions, turns, tools []string
	severity, since, until         string
	fields                         []string
	invert                         bool
}

func (f *selectFlags) register(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.StringArrayVarP(&f.types, "type", "t", nil, "event types to keep: `GLOB,...`")
	fs.StringArrayVarP(&f.notTypes, "not-type", "T", nil, "event types to leave out: `GLOB,...`")
	fs.StringArrayVar(&f.agents, "agent-id", nil, "agents to keep: `GLOB,...`")
	fs.StringArrayVar(&f.sessions, "session-id", nil, "sessions to keep: `GLOB,...`")
	fs.StringArrayVar(&f.turns, "turn-id", nil, "turns to keep: `GLOB,...`")
	fs.StringArrayVar(&f.tools, "tool-name", nil, "tools to keep: `GLOB,...`")
	fs.StringVarP(&f.severity, "severity", "p", "", "severities to keep: at least `LEVEL`, or LEVEL..LEVEL")
	fs.StringVarP(&f.since, "since", "S", "", "keep events at or after `TIME`")
	fs.StringVarP(&f.until, "until", "U", "", "keep events before `TIME`")
	fs.StringArrayVarP(&f.fields, "field", "F", nil, "keep events whose key fits `EXPR`, as in duration_ms>100")
	fs.BoolVarP(&f.invert, "invert", "v", false, "keep the events that would be left out")

	completeTypes(cmd, "type")
	completeTypes(cmd, "not-type")
	completeSeverities(cmd, "severity")
	completeKeys(cmd, "field")
	for _, key := range globKeys {
		completeValues(cmd, key.flag, key.key)
	}
}

// globKeys are the flags that match a key against globs.
var globKeys = []struct{ flag, key string }{
	{"agent-id", "agent_id"},
	{"session-id", "session_id"},
	{"turn-id", "turn_id"},
	{"tool-name", "tool_name"},
}

// predicate puts the flags together. Times are relative to now.
func (f *selectFlags) predicate(now time.Time) (selection.Predicate, error) {
	var all []selection.Predicate
	globs := func(flag, key string, lists []string, wanted bool) error {
		if len(lists) == 0 {
			return nil
		}
		var globs []selection.Glob
		for _, list := range lists {
			more, err := selection.ParseGlobs(list)
			if err != nil {
				return usagef("--%s: %w", flag, err)
			}
			globs = append(globs, more...)
		}
		p := selection.OneOf(key, globs)
		if !wanted {
			p = selection.Not(p)
		}
		all = append(all, p)
		return nil
	}
	if err := globs("type", "event_type", f.types, true); err != nil {
		return nil, err
	}
	if err := globs("not-type", "event_type", f.notTypes, false); err != nil {
		return nil, err
	}
	for i, lists := range [][]string{f.agents, f.sessions, f.turns, f.tools} {
		if err := globs(globKeys[i].flag, globKeys[i].key, lists, true); err != nil {
			return nil, err
		}
	}
	if f.severity != "" {
		from, to, err := selection.ParseSeverity(f.severity)
		if err != nil {
			return nil, usagef("--severity: %w", err)
		}
		all = append(all, selection.Severity(from, to))
	}
	var since, until time.Time
	var err error
	if f.since != "" {
		if since, err = selection.ParseTime(f.since, now); err != nil {
			return nil, usagef("--since: %w", err)
		}
		all = append(all, selection.Since(since))
	}
	if f.until != "" {
		if until, err = selection.ParseTime(f.until, now); err != nil {
			return nil, usagef("--until: %w", err)
		}
		all = append(all, selection.Until(until))
	}
	if f.since != "" && f.until != "" && !f.invert && !since.Before(until) {
		return nil, usagef("--since %s is not before --until %s: nothing can match", f.since, f.until)
	}
	for _, expr := range f.fields {
		p, err := selection.ParseField(expr)
		if err != nil {
			return nil, usageError{err}
		}
		all = append(all, p)
	}
	p := selection.All(all...)
	if f.invert {
		p = selection.Not(p)
	}
	return p, nil
}
