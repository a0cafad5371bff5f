package reconcile_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"auditctl/pkg/events"
	"auditctl/pkg/reconcile"
	"auditctl/testdata"
)

// A record compared with itself lacks nothing, and with a line taken out exactly what that
// line told.
func TestOneLineTakenOut(t *testing.T) {
	t.Parallel()
	for name, log := range map[string]string{"hooks": testdata.Hooks, "session": testdata.Session} {
		whole := strings.Split(strings.TrimSpace(log), "\n")
		if got := inShort(compare(t, whole, whole)); len(got) > 0 {
			t.Errorf("%s with itself: %q", name, got)
		}
		for i, line := range whole {
			var e events.Scanner
			if err := e.Scan([]byte(line)); err != nil {
				t.Fatal(err)
			}
			kind, id := e.Lookup("event_type").String(), e.Lookup("metadata").Lookup("call_id").String()
			if id == "" || kind != events.TypeToolCallAttempt && kind != events.TypeToolCallComplete && kind != events.TypeToolCallFailure {
				continue
			}
			r := compare(t, whole, slices.Delete(slices.Clone(whole), i, i+1))
			if len(r.Findings) != 1 || *r.Findings[0].CallID != id || r.Findings[0].In[0] != "b" {
				t.Errorf("%s without line %d, %s of %s: %q", name, i+1, kind, id, inShort(r))
			}
		}
	}
}

// A plain comparison of logs of calls with ids, all of one session: which calls each lacks
// between its first and its last event.
func plainMissing(logs [2][]string) (missing []string) {
	for i := range logs {
		has := map[string]bool{}
		first, last := 1<<30, -1
		for _, line := range logs[i] {
			var at, id int
			fmt.Sscanf(line, "%d attempt s/%d", &at, &id)
			has[fmt.Sprint(id)] = true
			first, last = min(first, at), max(last, at)
		}
		for n, line := range logs[1-i] {
			var at, id int
			fmt.Sscanf(line, "%d attempt s/%d", &at, &id)
			told := slices.IndexFunc(logs[1-i], func(l string) bool { return strings.Contains(l, fmt.Sprintf("s/%d ", id)) })
			if told == n && !has[fmt.Sprint(id)] && (last < 0 || first <= at && at <= last) {
				missing = append(missing, fmt.Sprintf("%d in %c", id, 'a'+i))
			}
		}
	}
	slices.Sort(missing)
	return missing
}

// FuzzReconcile compares small random logs, in any order, with a plain comparison.
func FuzzReconcile(f *testing.F) {
	for seed := range uint64(200) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		rng := rand.New(rand.NewPCG(seed, 1))
		var short [2][]string
		var full [2][]string
		for id := range rng.IntN(40) {
			for i := range short {
				for range [...]int{0, 1, 1, 1, 2}[rng.IntN(5)] { // some are told twice
					short[i] = append(short[i], fmt.Sprintf("%d attempt s/%d t%d", id*10, id, id))
				}
			}
		}
		for i := range short {
			rng.Shuffle(len(short[i]), func(x, y int) { short[i][x], short[i][y] = short[i][y], short[i][x] })
			for _, line := range short[i] {
				full[i] = append(full[i], eventOf(t, "hooks", line))
			}
		}
		r := compare(t, full[0], full[1])
		var got []string
		for _, f := range r.Findings {
			got = append(got, *f.CallID+" in "+f.In[0])
		}
		lost := int64(0)
		for _, s := range r.MissingSessions {
			lost += s.Calls
		}
		slices.Sort(got)
		switch want := plainMissing(short); {
		case lost > 0 && int(lost) != len(want):
			t.Errorf("%d calls of sessions, want %q", lost, want)
		case lost == 0 && !slices.Equal(got, want):
			t.Errorf("got %q, want %q", got, want)
		}
		if r.Missing != int64(len(plainMissing(short))) {
			t.Errorf("missing is %d", r.Missing)
		}
	})
}

// Memory does not grow with calls that are in both records: of many, only some are kept.
func TestManyCalls(t *testing.T) {
	t.Parallel()
	r := reconcile.New("a", "b")
	var s events.Scanner
	line := func(record, n int, kind string) {
		text := fmt.Sprintf(`{"event_type": %q, "timestamp": %d, "session_id": "s", "tool_name": "t", "status": "success", "call_id": "%d"}`, kind, 1_700_000_000+n, n)
		if err := s.Scan([]byte(text)); err != nil {
			t.Fatal(err)
		}
		r.Add(record, reconcile.Place{File: "f", Line: int64(n)}, &s)
	}
	const calls = 30_000
	most := 0
	for n := range calls {
		for record := range 2 {
			if record == 0 || n%1000 != 7 {
				line(record, n, events.TypeToolCallAttempt)
				line(record, n, events.TypeToolCallComplete)
			}
			if n%5000 == 4999 {
				line(record, n-20, events.TypeToolCallAttempt) // again, after the call has ended
			}
		}
		most = max(most, r.Held())
	}
	report := r.Report()
	if report.Missing != calls/1000 || len(report.Findings) != calls/1000 || report.Calls != calls {
		t.Errorf("missing %d of %d, %d findings", report.Missing, report.Calls, len(report.Findings))
	}
	if most > 10_000 {
		t.Errorf("%d calls were held", most)
	}
}

// Memory is bounded where a record lacks very many calls, all of which are counted.
func TestTooManyWait(t *testing.T) {
	t.Parallel()
	r := reconcile.New("a", "b")
	var s events.Scanner
	add := func(record, n int, kind string) {
		text := fmt.Sprintf(`{"event_type": %q, "timestamp": %d, "session_id": "s", "call_id": "%d"}`, kind, 1_700_000_000+n, n)
		if err := s.Scan([]byte(text)); err != nil {
			t.Fatal(err)
		}
		r.Add(record, reconcile.Place{File: "f", Line: int64(n)}, &s)
	}
	const limit, calls = 1 << 14, 1 << 15
	r.LimitWaiting(limit)
	add(1, 0, "begin")
	add(1, calls, "end")
	most := 0
	for n := range calls {
		add(0, n, events.TypeToolCallAttempt)
		most = max(most, r.Held())
	}
	if report := r.Report(); report.Missing != calls || len(report.Findings) != reconcile.MaxFindings || len(report.Silences) != 1 || report.Silences[0].Calls != calls {
		t.Errorf("%d missing, %d findings, silent: %v", report.Missing, len(report.Findings), report.Silences)
	}
	if most > limit {
		t.Errorf("%d calls were held", most)
	}
}
