package stats_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"auditctl/pkg/events"
	"auditctl/pkg/selection"
	"auditctl/pkg/stats"
)

func groupsOf(t *testing.T, keys string, lines ...string) *stats.Groups {
	t.Helper()
	parsed, err := selection.ParseKeys(keys)
	if err != nil {
		t.Fatal(err)
	}
	g := &stats.Groups{Keys: parsed}
	var s events.Scanner
	var notes []byte
	for _, line := range lines {
		if err := s.Scan([]byte(line)); err != nil {
			t.Fatal(err)
		}
		notes = g.AppendNote(notes, &s)
	}
	g.AddNotes(notes)
	return g
}

func TestGroups(t *testing.T) {
	g := groupsOf(t, `agent_id,metadata.a\.b`,
		`{"event_type": "x", "agent_id": "a", "metadata": {"a.b": 1}, "severity": "error", "duration_ms": 4}`,
		`{"event_type": "y", "agent_id": "\u0061", "metadata": {"a.b": 1}, "duration_ms": 2}`,
		`{"event_type": "x", "agent_id": "a", "metadata": {"a.b": "1"}}`,
		`{"event_type": "x", "agent_id": null, "metadata": {"a": {"b": 1}}}`,
		`{"event_type": "x", "agent_id": "", "metadata": {"a.b": [1]}, "duration_ms": "5"}`,
		`{"event_type": "x"}`,
	)
	const want = `{"events":6,"errors":1,"by":["agent_id","metadata.a\\.b"],"groups":[` +
		`{"by":{"agent_id":null,"metadata.a\\.b":null},"events":2,"errors":0,"duration_ms":null},` +
		`{"by":{"agent_id":"a","metadata.a\\.b":1},"events":2,"errors":1,"duration_ms":{"count":2,"total":6,"p50":2,"p95":4,"p99":4,"max":4}},` +
		`{"by":{"agent_id":"","metadata.a\\.b":[1]},"events":1,"errors":0,"duration_ms":null},` +
		`{"by":{"agent_id":"a","metadata.a\\.b":"1"},"events":1,"errors":0,"duration_ms":null}],"others":null}`
	if have, err := json.Marshal(g.Report()); string(have) != want || err != nil {
		t.Errorf("have %s, %v\nwant %s", have, err, want)
	}
}

// Severities are counted by what they mean, values of other keys as they are.
func TestGroupsOfSeverities(t *testing.T) {
	g := groupsOf(t, "severity,level",
		`{"event_type": "x", "severity": "error", "level": "ERR"}`,
		`{"event_type": "x", "severity": "FATAL", "level": "ERR"}`,
		`{"event_type": "x", "severity": "\u0045rr", "level": "ERR"}`,
		`{"event_type": "x", "severity": "loud", "level": "ERR"}`,
	)
	const want = `{"events":4,"errors":3,"by":["severity","level"],"groups":[` +
		`{"by":{"severity":"error","level":"ERR"},"events":2,"errors":2,"duration_ms":null},` +
		`{"by":{"severity":"critical","level":"ERR"},"events":1,"errors":1,"duration_ms":null},` +
		`{"by":{"severity":"loud","level":"ERR"},"events":1,"errors":0,"duration_ms":null}],"others":null}`
	if have, err := json.Marshal(g.Report()); string(have) != want || err != nil {
		t.Errorf("have %s, %v\nwant %s", have, err, want)
	}
}

// The number of groups is limited, and no event is lost.
func TestGroupsBound(t *testing.T) {
	var lines []string
	for i := range stats.MaxGroups + 5 {
		lines = append(lines, fmt.Sprintf(`{"event_type": "x", "turn_id": %d, "severity": "critical", "duration_ms": 7}`, i))
	}
	r := groupsOf(t, "turn_id", append(lines, lines[0])...).Report()
	if len(r.Groups) != stats.MaxGroups || r.Groups[0].Events != 2 || r.Others.Events != 5 || r.Others.Errors != 5 || r.Others.Durations.Count != 5 {
		t.Errorf("%d groups, the first %v, others %v", len(r.Groups), r.Groups[0], r.Others)
	}
}

// Values that are equal when joined are not confused.
func TestGroupsKeepValuesApart(t *testing.T) {
	r := groupsOf(t, "a,b", `{"event_type": "x", "a": "12", "b": "3"}`, `{"event_type": "x", "a": "1", "b": "23"}`).Report()
	if len(r.Groups) != 2 {
		t.Errorf("%d groups: %v", len(r.Groups), r.Groups)
	}
}
