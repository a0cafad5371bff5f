package selection_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"auditctl/pkg/events"
	"auditctl/pkg/selection"
)

// A predicate can be asked about an event, also from within another predicate.
func TestPredicateMatch(t *testing.T) {
	globs, err := selection.ParseGlobs("grep")
	if err != nil {
		t.Fatal(err)
	}
	grep := selection.OneOf("tool_name", globs)
	for _, test := range []struct {
		line string
		want bool
	}{
		{`{"event_type": "x", "tool_name": "grep"}`, true},
		{`{"event_type": "x", "tool_name": "build"}`, false},
	} {
		e, err := events.Parse([]byte(test.line))
		if err != nil {
			t.Fatal(err)
		}
		within := selection.Predicate(func(*events.Scanner) bool { return grep.Match(e) })
		if got := grep.Match(e); got != test.want || within.Match(e) != got {
			t.Errorf("%s: %t, want %t", test.line, got, test.want)
		}
	}
	if everything := selection.All(); everything.Match(events.Event{}) {
		t.Error("the zero event is wanted")
	}
}

func TestOneOf(t *testing.T) {
	for _, test := range []struct {
		name, line, key, globs string
		want                   bool
	}{
		{"one", `{"event_type": "error"}`, "event_type", "error", true},
		{"pattern", `{"event_type": "tool_call_attempt"}`, "event_type", "tool_call_*", true},
		{"the second of two", `{"event_type": "error"}`, "event_type", "turn_*,error", true},
		{"none of two", `{"event_type": "base"}`, "event_type", "turn_*,error", false},
		{"whole text", `{"event_type": "errors"}`, "event_type", "error", false},
		{"spelled with escapes", `{"event\u005ftype": "err\u006fr"}`, "event_type", "error", true},
		{"the last counts", `{"event_type": "error", "event_type": "base"}`, "event_type", "error", false},
		{"not inside metadata", `{"event_type": "base", "metadata": {"tool_name": "x"}}`, "tool_name", "*", false},
		{"absent", `{"event_type": "base"}`, "agent_id", "*", false},
		{"null", `{"event_type": "base", "agent_id": null}`, "agent_id", "*", false},
		{"null by name", `{"event_type": "base", "agent_id": null}`, "agent_id", "null", false},
		{"the word null", `{"event_type": "base", "agent_id": "null"}`, "agent_id", "null", true},
		{"null counts where it is last", `{"event_type": "base", "agent_id": "a", "agent_id": null}`, "agent_id", "a", false},
		{"empty", `{"event_type": "base", "agent_id": ""}`, "agent_id", "*", true},
		{"a number", `{"event_type": "base", "agent_id": 17}`, "agent_id", "1?", true},
		{"a bool", `{"event_type": "base", "agent_id": true}`, "agent_id", "true", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			checkBoth(t, selection.OneOf(test.key, globs(t, test.globs)), test.line, test.want)
		})
	}
}

func TestOneOfNothing(t *testing.T) {
	checkBoth(t, selection.OneOf("event_type", nil), `{"event_type": "base"}`, false)
}

func TestSeverity(t *testing.T) {
	for _, test := range []struct {
		name, levels, line string
		want               bool
	}{
		{"below", "warning", `{"severity": "info"}`, false},
		{"at least", "warning", `{"severity": "warning"}`, true},
		{"above", "warning", `{"severity": "critical"}`, true},
		{"any", "debug", `{"severity": "debug"}`, true},
		{"in the range", "info..error", `{"severity": "warning"}`, true},
		{"where it starts", "info..error", `{"severity": "info"}`, true},
		{"where it ends", "info..error", `{"severity": "error"}`, true},
		{"above the range", "info..error", `{"severity": "critical"}`, false},
		{"below the range", "info..error", `{"severity": "debug"}`, false},
		{"one level", "info..info", `{"severity": "info"}`, true},
		{"spelled with escapes", "error", `{"severit\u0079": "\u0065rror"}`, true},
		{"the last counts", "error", `{"severity": "error", "severity": "info"}`, false},
		{"unknown", "debug", `{"severity": "loud"}`, false},
		{"upper case", "error", `{"severity": "ERROR"}`, true},
		{"another word", "error", `{"severity": "Fatal"}`, true},
		{"another word, not severe enough", "error", `{"severity": "loud"}`, false},
		{"with escapes in another word", "error", `{"severity": "\u0045RR"}`, true},
		{"empty", "debug", `{"severity": ""}`, false},
		{"absent", "debug", `{}`, false},
		{"null", "debug", `{"severity": null}`, false},
		{"a number", "debug", `{"severity": 3}`, false},
		{"a list", "debug", `{"severity": ["error"]}`, false},
		{"not inside metadata", "debug", `{"metadata": {"severity": "error"}}`, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			from, to, err := selection.ParseSeverity(test.levels)
			if err != nil {
				t.Fatal(err)
			}
			checkBoth(t, selection.Severity(from, to), test.line, test.want)
		})
	}
}

// An unknown level is not wanted, even by a range that starts at one.
func TestSeverityOfUnknownNames(t *testing.T) {
	checkBoth(t, selection.Severity("", events.SeverityCritical), `{"severity": "loud"}`, false)
}

func TestParseSeverity(t *testing.T) {
	for _, test := range []struct {
		text     string
		from, to events.Severity
	}{
		{"debug", events.SeverityDebug, events.SeverityCritical},
		{"warning", events.SeverityWarning, events.SeverityCritical},
		{"critical", events.SeverityCritical, events.SeverityCritical},
		{"WARNING", events.SeverityWarning, events.SeverityCritical},
		{"warn", events.SeverityWarning, events.SeverityCritical},
		{"Trace..FATAL", events.SeverityDebug, events.SeverityCritical},
		{"info..error", events.SeverityInfo, events.SeverityError},
		{"Info..Error", events.SeverityInfo, events.SeverityError},
		{"error..error", events.SeverityError, events.SeverityError},
	} {
		t.Run(test.text, func(t *testing.T) {
			from, to, err := selection.ParseSeverity(test.text)
			if err != nil || from != test.from || to != test.to {
				t.Errorf("%q..%q, %v, want %q..%q", from, to, err, test.from, test.to)
			}
		})
	}
}

func TestParseSeverityErrors(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"", `no severity ""`},
		{"Warnings", `no severity "Warnings"`},
		{"3", `no severity "3"`},
		{"..error", `no severity ""`},
		{"info..", `no severity ""`},
		{"info..loud", `no severity "loud"`},
		{"info...error", `no severity ".error"`},
		{"info..error..critical", `no severity "error..critical"`},
		{"fatal..notice", "critical is more severe than info: write info..critical"},
		{"error..info", "error is more severe than info: write info..error"},
	} {
		t.Run(test.text, func(t *testing.T) {
			_, _, err := selection.ParseSeverity(test.text)
			if err == nil || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("error %v, want %s", err, test.want)
			}
		})
	}
}

func TestSinceUntil(t *testing.T) {
	noon := time.Date(2026, 1, 2, 13, 0, 0, 0, time.FixedZone("", 3600)) // 12:00 in UTC
	for _, test := range []struct {
		name, line   string
		since, until bool
	}{
		{"before", `{"timestamp": "2026-01-02T11:59:59.999999+00:00"}`, false, true},
		{"at", `{"timestamp": "2026-01-02T12:00:00+00:00"}`, true, false},
		{"after", `{"timestamp": "2026-01-02T12:00:00.000001+00:00"}`, true, false},
		{"after, in nanoseconds", `{"timestamp": "2026-01-02T12:00:00.000000001Z"}`, true, false},
		{"Z", `{"timestamp": "2026-01-02T12:00:00Z"}`, true, false},
		{"other offset, before", `{"timestamp": "2026-01-02T12:30:00+01:00"}`, false, true},
		{"other offset, after", `{"timestamp": "2026-01-02T11:30:00-01:00"}`, true, false},
		{"without an offset it is UTC", `{"timestamp": "2026-01-02T12:30:00"}`, true, false},
		{"with a space", `{"timestamp": "2026-01-02 11:00:00"}`, false, true},
		{"spelled with escapes", `{"timest\u0061mp": "2026-01-02\u005412:00:00Z"}`, true, false},
		{"the last counts", `{"timestamp": "2027-01-01T00:00:00Z", "timestamp": "2025-01-01T00:00:00Z"}`, false, true},
		{"absent", `{}`, false, false},
		{"null", `{"timestamp": null}`, false, false},
		{"seconds since 1970", `{"timestamp": 1767355200}`, true, false},
		{"milliseconds since 1970", `{"timestamp": "1767355199999"}`, false, true},
		{"another number", `{"timestamp": 17673}`, false, false},
		{"empty", `{"timestamp": ""}`, false, false},
		{"a date", `{"timestamp": "2026-01-02"}`, false, true},
		{"no such day", `{"timestamp": "2026-02-30T00:00:00Z"}`, false, false},
		{"a word", `{"timestamp": "yesterday"}`, false, false},
		{"not inside metadata", `{"metadata": {"timestamp": "2026-01-02T12:00:00Z"}}`, false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			checkBoth(t, selection.Since(noon), test.line, test.since)
			checkBoth(t, selection.Until(noon), test.line, test.until)
		})
	}
}

// What cannot be read is told of, and what is not there is not.
func TestUnread(t *testing.T) {
	noon := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	for line, want := range map[string]string{
		`{}`: "", `{"timestamp": null, "severity": null}`: "",
		`{"timestamp": "2026-01-02T11:00:00Z", "severity": "debug"}`: "",
		`{"timestamp": "2026-01-02T12:00:00Z", "severity": "error"}`: "",
		`{"timestamp": "soon", "severity": "error"}`:                 "timestamp ",
		`{"timestamp": [], "severity": "loud"}`:                      "timestamp severity ",
		`{"timestamp": 5, "severity": ""}`:                           "timestamp severity ",
		`{"timestamp": 1767355200, "severity": 3}`:                   "severity ",
	} {
		var s events.Scanner
		if err := s.Scan([]byte(line)); err != nil {
			t.Fatal(err)
		}
		have := ""
		if _, err := (selection.Period{Since: noon}).Eval(&s); err == selection.ErrTimestamp {
			have += "timestamp "
		}
		if _, err := selection.Severities(events.SeverityWarning, events.SeverityCritical).Eval(&s); err == selection.ErrSeverity {
			have += "severity "
		}
		if have != want {
			t.Errorf("%s: %q was not read, want %q", line, have, want)
		}
	}
}

func TestAll(t *testing.T) {
	yes := selection.Predicate(func(*events.Scanner) bool { return true })
	no := selection.Not(yes)
	for _, test := range []struct {
		name string
		all  []selection.Predicate
		want bool
	}{
		{"none", nil, true},
		{"yes", []selection.Predicate{yes}, true},
		{"no", []selection.Predicate{no}, false},
		{"yes yes", []selection.Predicate{yes, yes}, true},
		{"yes no", []selection.Predicate{yes, no}, false},
		{"no yes", []selection.Predicate{no, yes}, false},
		{"yes yes no", []selection.Predicate{yes, yes, no}, false},
		{"yes yes yes", []selection.Predicate{yes, yes, yes}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			checkBoth(t, selection.All(test.all...), `{"event_type": "x"}`, test.want)
		})
	}
}

// predicates has one of each kind, all of which want ordinaryLine.
func predicates(t testing.TB) map[string]selection.Predicate {
	since := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	all := map[string]selection.Predicate{
		"type":          selection.OneOf("event_type", globs(t, "turn_*,tool_call_complete")),
		"type pattern":  selection.OneOf("event_type", globs(t, "turn_*,*_complete")),
		"agent":         selection.OneOf("agent_id", globs(t, "coder")),
		"severity":      selection.Severity(events.SeverityInfo, events.SeverityError),
		"since":         selection.Since(since),
		"until":         selection.Until(since.AddDate(1, 0, 0)),
		"field =":       field(t, "tool_name=read_file"),
		"field !=":      field(t, "tool_name!=write_file"),
		"field >":       field(t, "duration_ms>100"),
		"field = float": field(t, "duration_ms=8.125e2"),
		"field within":  field(t, "metadata.region=eu-west"),
		"field element": field(t, "metadata.tags.1=b"),
		"field escaped": field(t, "result_preview!=x"),
		"field ~=":      field(t, "tool_name~=^read_"),
	}
	var each []selection.Predicate
	for _, p := range all {
		each = append(each, p)
	}
	all["all"] = selection.All(each...)
	all["not not"] = selection.Not(selection.Not(selection.All(each...)))
	return all
}

const ordinaryLine = `{"event_type": "tool_call_complete", "timestamp": "2026-01-02T03:04:05.678901+00:00", ` +
	`"agent_id": "coder", "turn_id": "0123456789ab", "session_id": "s-1", "severity": "info", ` +
	`"metadata": {"host": "build-7", "region": "eu-west", "tags": ["a", "b"]}, ` +
	`"tool_name": "read_file", "status": "success", "duration_ms": 812.5, "result_preview": "line one\nline \u00e9"}`

// A predicate allocates nothing for an event once the Scanner has seen one.
func TestPredicatesDoNotAllocate(t *testing.T) {
	s := scan(t, ordinaryLine)
	for name, p := range predicates(t) {
		t.Run(name, func(t *testing.T) {
			if !p(s) {
				t.Error("the event is not wanted")
			}
			if n := testing.AllocsPerRun(100, func() { p(s) }); n != 0 {
				t.Errorf("%v allocations", n)
			}
		})
	}
}

// Many goroutines may use one predicate, each with a Scanner of its own.
func TestPredicatesAreConcurrent(t *testing.T) {
	for name, p := range predicates(t) {
		t.Run(name, func(t *testing.T) {
			var wg sync.WaitGroup
			for range 4 {
				s := scan(t, ordinaryLine)
				wg.Go(func() {
					for range 50 {
						if !p(s) {
							t.Error("the event is not wanted")
						}
					}
				})
			}
			wg.Wait()
		})
	}
}

// checkBoth checks p on the line, and that Not turns it round.
func checkBoth(t *testing.T, p selection.Predicate, line string, want bool) {
	t.Helper()
	s := scan(t, line)
	if got := p(s); got != want {
		t.Errorf("wanted: %v, want %v", got, want)
	}
	if got := selection.Not(p)(s); got == want {
		t.Errorf("wanted by Not: %v, want %v", got, !want)
	}
}

func scan(t testing.TB, line string) *events.Scanner {
	t.Helper()
	s := new(events.Scanner)
	if err := s.Scan([]byte(line)); err != nil {
		t.Fatal(err)
	}
	return s
}

func globs(t testing.TB, list string) []selection.Glob {
	t.Helper()
	all, err := selection.ParseGlobs(list)
	if err != nil {
		t.Fatal(err)
	}
	return all
}
