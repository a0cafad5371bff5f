package stats_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"auditctl/pkg/events"
	"auditctl/pkg/selection"
	"auditctl/pkg/stats"
)

const log = `{"event_type": "tool_call_attempt", "timestamp": "2026-03-09T08:14:00+00:00", "tool_name": "grep"}
{"event_type": "tool_call_complete", "timestamp": "2026-03-09T08:14:01.5+00:00", "tool_name": "grep", "duration_ms": 1500}
{"event_type": "tool_call_attempt", "timestamp": "2026-03-09T08:14:03+00:00", "tool_name": "read_file"}
{"event_type": "tool_call_failure", "timestamp": "2026-03-09T08:14:04+00:00", "severity": "error", "tool_name": "read_file", "error_type": "ENOENT"}
`

// count adds every event of the log.
func count(add func(s *events.Scanner)) {
	var s events.Scanner
	for line := range strings.Lines(log) {
		if err := s.Scan([]byte(line)); err != nil {
			fmt.Println(err)
			continue
		}
		add(&s)
	}
}

func ExampleSummary() {
	var c stats.Summary
	count(c.Add)
	for _, tool := range c.Report().Tools {
		fmt.Println(tool.Name, tool.Calls, tool.Failures)
	}
	// Output:
	// grep 1 0
	// read_file 1 1
}

// Workers make notes, which are added in the order of the log.
func ExampleSummary_AddNotes() {
	var c stats.Summary
	var notes []byte
	count(func(s *events.Scanner) { notes = c.AppendNote(notes, s) })
	c.AddNotes(notes)
	fmt.Println(c.Report().Events)
	// Output: 4
}

func ExampleReport() {
	var c stats.Summary
	count(c.Add)
	r := c.Report()
	fmt.Println(r.Events, "events,", r.Errors, "errors, in", r.Last.Time().Sub(r.First.Time()))
	for _, f := range r.Failures {
		fmt.Println(f.Type, f.Tool, f.Reason)
	}
	for _, slow := range r.Slowest {
		fmt.Println(slow.Tool, slow.Duration)
	}
	// Output:
	// 4 events, 1 errors, in 4s
	// tool_call_failure read_file ENOENT
	// grep 1500
}

func ExampleTimeline() {
	var c stats.Summary
	count(c.Add)
	l := c.Report().Timeline
	for _, b := range l.Buckets[:3] {
		fmt.Println(b.Start.Time().Format(time.StampMilli), b.Events)
	}
	// Output:
	// Mar  9 08:14:00.000 1
	// Mar  9 08:14:00.200 0
	// Mar  9 08:14:00.400 0
}

func ExampleDurations() {
	var c stats.Summary
	count(c.Add)
	d := c.Report().Tools[0].Durations
	fmt.Println(d.Count, d.P95, d.Max)
	// Output: 1 1500 1500
}

func ExampleTimestamp() {
	var c stats.Summary
	count(c.Add)
	text, err := c.Report().First.MarshalJSON()
	fmt.Println(string(text), err)
	// Output: "2026-03-09T08:14:00+00:00" <nil>
}

func ExampleGroups() {
	keys, err := selection.ParseKeys("event_type,tool_name")
	if err != nil {
		fmt.Println(err)
		return
	}
	g := stats.Groups{Keys: keys}
	count(g.Add)
	for _, group := range g.Report().Groups {
		fmt.Println(group.By.Values, group.Events)
	}
	// Output:
	// [tool_call_attempt grep] 1
	// [tool_call_attempt read_file] 1
	// [tool_call_complete grep] 1
	// [tool_call_failure read_file] 1
}

func ExampleGroupsReport() {
	keys, err := selection.ParseKeys("severity")
	if err != nil {
		fmt.Println(err)
		return
	}
	g := stats.Groups{Keys: keys}
	count(g.Add)
	e := json.NewEncoder(os.Stdout)
	if err := e.Encode(g.Report().Groups[1]); err != nil {
		fmt.Println(err)
	}
	// Output: {"by":{"severity":"error"},"events":1,"errors":1,"duration_ms":null}
}
