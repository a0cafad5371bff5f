package stats_test

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"auditctl/pkg/stats"
)

func used(keys string) string { return `{"event_type": "x", ` + keys + `}` }

// Only whole numbers count, those in metadata before those at the top level.
func TestTokens(t *testing.T) {
	for keys, want := range map[string]stats.Tokens{
		`"metadata": {"input_tokens": 1, "output_tokens": 2, "cache_read_tokens": 3, "cache_write_tokens": 4}`: {1, 2, 3, 4},
		`"input_tokens": 1, "output_tokens": 2, "cache_read_tokens": 3, "cache_write_tokens": 4`:               {1, 2, 3, 4},
		`"input_tokens": 1, "output_tokens": 2, "metadata": {"input_tokens": 5, "output_tokens": null}`:        {5, 2, 0, 0},
		`"input_tokens": 1, "output_tokens": 1, "metadata": {"input_tokens": "5"}`:                             {0, 1, 0, 0},
		`"input_tokens": 1, "input_tokens": 2, "metadata": {"output_tokens": 1, "output_tokens": 2}`:           {2, 2, 0, 0},
		`"input_tokens": 7, "metadata": {"input_tokens": 1, "input_tokens": null}`:                             {7, 0, 0, 0},
		`"input\u005ftokens": 1, "metadata": {"output_tokens\u0000": 9, "output\u005ftokens": 2}`:              {1, 2, 0, 0},
		`"metadata": {"input_tokens": 12.0, "output_tokens": 1e3, "cache_read_tokens": 5e-1}`:                  {12, 1000, 0, 0},
		`"metadata": {"input_tokens": 9007199254740991, "output_tokens": 9007199254740992}`:                    {stats.MaxTokens, 0, 0, 0},
		`"output_tokens": 1, "metadata": [{"input_tokens": 1}]`:                                                {0, 1, 0, 0},
		`"output_tokens": 1, "metadata": {"a": {"input_tokens": 1}}`:                                           {0, 1, 0, 0},
	} {
		r := reportOf(used(keys)).Tokens
		if r == nil || r.Tokens != want {
			t.Errorf("%s: %+v, want %+v", keys, r, want)
		}
	}
	for _, n := range []string{"-1", "1.5", "1e308", "1e999", "-1e999", "9007199254740992", "99999999999999999999999", `"1"`, `""`, "true", "null", "[1]", `{"a":1}`} {
		for _, keys := range []string{`"input_tokens": ` + n, `"metadata": {"output_tokens": ` + n + `}`} {
			if r := reportOf(used(keys)).Tokens; r != nil {
				t.Errorf("%s: %+v, want none", keys, r)
			}
			if g := groupsOf(t, "event_type", used(keys)).Report().Groups[0]; g.Tokens != nil {
				t.Errorf("%s: %+v in the group, want none", keys, g.Tokens)
			}
		}
	}
}

// Sums are by model and session, most tokens first.
func TestTokenNames(t *testing.T) {
	lines := []string{
		used(`"session_id": "s", "metadata": {"model": "a", "input_tokens": 1}`),
		used(`"session_id": "s", "model": "\u0061", "metadata": {"output_tokens": 2}`),
		used(`"session_id": "t", "model": "b", "metadata": {"model": null, "output_tokens": 4}`),
		used(`"session_id": "t", "model": "b", "metadata": {"model": "c", "cache_read_tokens": 8}`),
		used(`"input_tokens": 16`),
		used(`"model": "none", "session_id": "none"`),
	}
	have, err := json.Marshal(reportOf(lines...).Tokens)
	row := func(name string, in, out, read, write int) string {
		return fmt.Sprintf(`{"name":%s,"input_tokens":%d,"output_tokens":%d,"cache_read_tokens":%d,"cache_write_tokens":%d}`, name, in, out, read, write)
	}
	want := `{"input_tokens":17,"output_tokens":6,"cache_read_tokens":8,"cache_write_tokens":0,"models":[` +
		strings.Join([]string{row("null", 16, 0, 0, 0), row(`"c"`, 0, 0, 8, 0), row(`"b"`, 0, 4, 0, 0), row(`"a"`, 1, 2, 0, 0)}, ",") + `],"sessions":[` +
		strings.Join([]string{row("null", 16, 0, 0, 0), row(`"t"`, 0, 4, 8, 0), row(`"s"`, 1, 2, 0, 0)}, ",") + `],"other_models":null,"other_sessions":null}`
	if string(have) != want || err != nil {
		t.Errorf("have %s, %v\nwant %s", have, err, want)
	}
}

// However large the numbers and however many the names, sums do not overflow and memory
// is bounded.
func TestTokenBounds(t *testing.T) {
	var c stats.Summary
	for i := range stats.MaxSessions + 5 {
		add(&c, used(fmt.Sprintf(`"session_id": %d, "metadata": {"model": %[1]d, "input_tokens": %d, "output_tokens": 1}`, i, int64(stats.MaxTokens))))
	}
	r := c.Report().Tokens
	if len(r.Models) != stats.MaxNames || len(r.Sessions) != stats.MaxSessions || r.OtherSessions.Output != 5 ||
		r.OtherModels.Output != stats.MaxSessions+5-stats.MaxNames || r.Output != stats.MaxSessions+5 {
		t.Errorf("%d models, %d sessions, others %+v, %+v", len(r.Models), len(r.Sessions), r.OtherModels, r.OtherSessions)
	}
	if r.Input != math.MaxInt64 || r.Total() != math.MaxInt64 || r.OtherSessions.Input != 5*stats.MaxTokens {
		t.Errorf("%d tokens, %d of other sessions", r.Input, r.OtherSessions.Input)
	}
}

// What a copy repeats happened only once.
func TestCopies(t *testing.T) {
	const copied = `"metadata": {"copied": true, "call_id": "1", "input_tokens": 5}`
	lines := []string{
		call("attempt", "x", "1"), with(call("complete", "x", "1"), `"duration_ms": 7, "metadata": {"input_tokens": 5}`),
		with(call("attempt", "x", "1"), copied),
		with(call("complete", "x", "1"), `"duration_ms": 7, `+copied),
		with(call("failure", "x", "1"), `"severity": "error", `+copied),
		`{"event_type": "tool_policy_decision", "tool_name": "x", "action": "deny", ` + copied + `}`,
		with(call("complete", "x", "1"), `"metadata": {"copied": false}`),
	}
	r := reportOf(lines...)
	x := r.Tools[0]
	if x.Events != 7 || x.Errors != 1 || x.Calls != 2 || x.Completes != 2 || x.Failures+x.Denials+x.Unfinished != 0 || x.Durations.Count != 1 {
		t.Errorf("%+v", x)
	}
	if r.Events != 7 || r.Errors != 1 || len(r.Failures)+len(r.Unfinished) != 0 || len(r.Slowest) != 1 || r.Tokens.Input != 5 {
		t.Errorf("%+v", r)
	}
	g := groupsOf(t, "tool_name", lines...).Report().Groups[0]
	if g.Events != 7 || g.Errors != 1 || g.Durations.Count != 1 || g.Tokens.Input != 5 {
		t.Errorf("%+v", g)
	}
}

// Groups have the sums of their events, also those of others.
func TestGroupsOfTokens(t *testing.T) {
	lines := []string{
		used(`"k": 1, "duration_ms": 3, "metadata": {"input_tokens": 1}`), used(`"k": 1, "cache_write_tokens": 2, "severity": "error"`), used(`"k": 2`),
	}
	const want = `[{"by":{"k":1},"events":2,"errors":1,"duration_ms":{"count":1,"total":3,"p50":3,"p95":3,"p99":3,"max":3},` +
		`"tokens":{"input_tokens":1,"output_tokens":0,"cache_read_tokens":0,"cache_write_tokens":2}},{"by":{"k":2},"events":1,"errors":0,"duration_ms":null}]`
	if have, err := json.Marshal(groupsOf(t, "k", lines...).Report().Groups); string(have) != want || err != nil {
		t.Errorf("have %s, %v\nwant %s", have, err, want)
	}
	lines = nil
	for i := range stats.MaxGroups + 3 {
		lines = append(lines, used(fmt.Sprintf(`"k": %d, "output_tokens": 2`, i)))
	}
	if others := groupsOf(t, "k", lines...).Report().Others; others.Tokens.Output != 6 {
		t.Errorf("others %+v", others.Tokens)
	}
}

func ExampleTokens() {
	var c stats.Summary
	add(&c,
		`{"event_type": "turn_end", "metadata": {"model": "large", "input_tokens": 12, "output_tokens": 300}}`,
		`{"event_type": "turn_end", "metadata": {"model": "small", "input_tokens": 1, "cache_read_tokens": 900}}`,
	)
	r := c.Report().Tokens
	for _, m := range r.Models {
		fmt.Println(m.Name, m.Total())
	}
	fmt.Println(r.Input, "of input")
	// Output:
	// small 901
	// large 312
	// 13 of input
}
