package htmlreport_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"auditctl/cmd/internal/htmlreport"
	"auditctl/pkg/events"
	"auditctl/pkg/stats"
)

// pageOf returns a page of lines.
func pageOf(t *testing.T, kept *htmlreport.Kept, files []htmlreport.File, lines ...string) string {
	t.Helper()
	var summary stats.Summary
	var s events.Scanner
	for i, line := range lines {
		if err := s.Scan([]byte(line)); err != nil {
			t.Fatal(line, err)
		}
		summary.Add(&s)
		kept.Add(&s, 0, int64(i+1))
	}
	if files == nil {
		files = []htmlreport.File{{Name: "a.jsonl", Lines: int64(len(lines)), Events: int64(len(lines))}}
	}
	p := htmlreport.Page{
		Title: "Report", Program: "auditctl 1.0", Made: time.Date(2026, 3, 9, 12, 0, 0, 0, time.UTC), Zone: time.UTC,
		Files: files, Stats: summary.Report(), Kept: kept,
	}
	var page strings.Builder
	if err := p.Write(&page); err != nil {
		t.Fatal(err)
	}
	return page.String()
}

// elements returns what is in the elements of a page that a pattern begins.
func elements(t *testing.T, page, begin, end string) (all []string) {
	t.Helper()
	for _, match := range regexp.MustCompile(`(?s)`+begin+`(.*?)`+end).FindAllStringSubmatch(page, -1) {
		all = append(all, match[1])
	}
	return all
}

// dataOf returns the data of the script, broken into short lines, and the lines of the log.
func dataOf(t *testing.T, page string) (data string, lines []string) {
	t.Helper()
	data = elements(t, page, `<script type="application/json" id="data">`, `</script>`)[0]
	if !json.Valid([]byte(data)) {
		t.Fatalf("no JSON: %s", data)
	}
	data = strings.NewReplacer(`,"`, ",\n\"", `"`, `"`).Replace(data)
	for _, text := range elements(t, page, `<script type="application/json" class="lines">`, `</script>`) {
		var some []string
		if err := json.Unmarshal([]byte(text), &some); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, some...)
	}
	return data, lines
}

// The policy of the page allows the script and the style that are in it, and no others;
// nothing in the page needs more.
func TestPolicy(t *testing.T) {
	page := pageOf(t, &htmlreport.Kept{}, nil, `{"event_type": "a", "timestamp": "2026-03-09T08:00:00Z"}`)
	policy := html.UnescapeString(elements(t, page, `http-equiv="Content-Security-Policy" content="`, `"`)[0])
	for directive, element := range map[string]string{"script-src": "script", "style-src": "style"} {
		texts := elements(t, page, "<"+element+">", "</"+element+">")
		if len(texts) != 1 {
			t.Fatalf("%d elements %s", len(texts), element)
		}
		sum := sha256.Sum256([]byte(texts[0]))
		if want := directive + " 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !strings.Contains(policy, want) {
			t.Errorf("%s has no %s", policy, want)
		}
	}
	for _, want := range []string{"default-src 'none'", "base-uri 'none'", "form-action 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("%s has no %s", policy, want)
		}
	}
	for _, never := range []string{` style="`, ` onclick`, ` src="`, "innerHTML", "insertAdjacentHTML", "document.write", "eval(", "http://www.w3.org/1999/xhtml"} {
		if strings.Contains(page, never) {
			t.Errorf("the page has %s", never)
		}
	}
	if address := regexp.MustCompile(`https?://[^"\s]*`).FindAllString(page, -1); !slices.Equal(address, []string{"http://www.w3.org/2000/svg"}) {
		t.Errorf("addresses in the page: %q", address)
	}
}

// The times below the bars are round, and a bar can be seen however few its events are.
func TestTimeline(t *testing.T) {
	lines := slices.Repeat([]string{`{"event_type": "a", "timestamp": "2026-03-09T08:00:07Z"}`}, 100)
	page := pageOf(t, &htmlreport.Kept{}, nil, append(lines, `{"event_type": "a", "timestamp": "2026-03-09T08:00:37Z"}`)...)
	times := elements(t, elements(t, page, `<svg class="marks"`, "</svg>")[0], "<text[^>]*>", "</text>")
	if want := []string{"08:00:10", "08:00:20", "08:00:30"}; !slices.Equal(times, want) {
		t.Errorf("the times are %q, want %q", times, want)
	}
	if tall := elements(t, page, `<rect class="bar" x="8" width="84" y="[^"]*" height="`, `"`); !slices.Equal(tall, []string{"100", "3"}) {
		t.Errorf("the bars are %q tall", tall)
	}
}

// What failed is there with its first events, a way to the others, and when it was: on a
// page of one day, without the date.
func TestProblems(t *testing.T) {
	const failure = `{"event_type": "tool_call_failure", "tool_name": "x", "error_type": "E", "timestamp": "%sT08:00:07Z"}`
	lines := slices.Repeat([]string{fmt.Sprintf(failure, "2026-03-09")}, 10)
	row := func(lines []string) string {
		page := pageOf(t, &htmlreport.Kept{}, []htmlreport.File{{Name: "a", Lines: 1234567}}, lines...)
		if !strings.Contains(page, "1,234,567 lines") {
			t.Error("it is not said how many lines there are")
		}
		return elements(t, elements(t, page, `id="failures"`, "</table>")[0], "<tbody>", "</tbody>")[0]
	}
	if links := elements(t, row(lines), "<a href=\"#", `"`); !slices.Equal(links, []string{"e1", "e2", "e3", "e4", "e5", "e6", "e7", "e8"}) {
		t.Errorf("the links are %q", links)
	}
	if find := elements(t, row(lines), `data-find="`, `"`); len(find) != 1 || html.UnescapeString(find[0]) != `event_type:"tool_call_failure" tool_name:"x" error_type:"E"` {
		t.Errorf("the others are found by %q", find)
	}
	if times := elements(t, row(lines), "<time[^>]*>", "</time>"); !slices.Equal(times, []string{"08:00:07.000", "08:00:07.000"}) {
		t.Errorf("the times are %q", times)
	}
	lines = append(lines, fmt.Sprintf(failure, "2026-03-10"))
	if times := elements(t, row(lines), "<time[^>]*>", "</time>"); !slices.Equal(times, []string{"2026-03-09 08:00:07.000", "2026-03-10 08:00:07.000"}) {
		t.Errorf("of two days, the times are %q", times)
	}
}

// hostile are texts that must not get out of where they are in a page.
var hostile = []string{
	`<script>alert(1)</script>`, `</script><script>alert(1)</script>`, `<!--<script>`, `-->`, `"><img src=x onerror=alert(1)>`,
	`' onmouseover='alert(1)`, `{{.}}`, `&lt;b&gt;`, `</title><svg/onload=alert(1)>`, `</style>`, "\u2028\u2029", "a\u202eb", "\u0007\u001b[2J", "\u200b", "\ufeff",
}

// Texts of a log are never markup, wherever a page has them, and have no characters that
// nobody sees, except in the lines for the script.
func TestHostile(t *testing.T) {
	for _, text := range hostile {
		quoted, _ := json.Marshal(text)
		var lines []string
		for _, eventType := range []string{`"tool_call_attempt"`, `"tool_call_failure"`, `"tool_policy_decision"`, string(quoted)} {
			lines = append(lines, fmt.Sprintf(`{"event_type": %s, "timestamp": "2026-03-09T08:00:00Z", "agent_id": %[2]s, "session_id": %[2]s, "turn_id": %[2]s, "severity": %[2]s, "tool_name": %[2]s, "error_type": %[2]s, "error_message": %[2]s, "policy_source": %[2]s, "action": "deny", "input_tokens": 1, "model": %[2]s, %[2]s: %[2]s}`, eventType, quoted))
		}
		page := pageOf(t, &htmlreport.Kept{}, []htmlreport.File{{Name: text, Dialect: text, Problem: text, Seal: htmlreport.Seal{State: htmlreport.Broken, Text: text}}}, lines...)
		visible := regexp.MustCompile(`(?s)<(script|style)[ >].*?</(script|style)>`).ReplaceAllString(page, "")
		for _, never := range []string{"<script", "<img", "<svg/", "<b>", "onerror=alert(1)>", " onmouseover='", "\u2028", "\u2029", "\u202e", "\u0007", "\u001b", "\u200b", "\ufeff"} {
			if strings.Contains(visible, never) {
				t.Errorf("%q: the page has %q", text, never)
			}
		}
		if n := strings.Count(page, "<script"); n != 3 {
			t.Errorf("%q: %d scripts", text, n)
		}
		if _, have := dataOf(t, page); !slices.Equal(have, lines) {
			t.Errorf("%q: the lines are %q", text, have)
		}
	}
}

// The data of a page is as it was, but for what was meant to change.
func TestGolden(t *testing.T) {
	log, err := os.ReadFile("../../../testdata/session.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(log)), "\n")
	page := pageOf(t, &htmlreport.Kept{}, nil, lines...)
	data, have := dataOf(t, page)
	if !slices.Equal(have, lines) {
		t.Errorf("the lines are not those of the log:\n%s", strings.Join(have, "\n"))
	}
	const golden = "testdata/session.golden"
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(golden, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if data != string(want) {
		t.Errorf("have\n%s\nwant\n%s", data, want)
	}
}

// If a page cannot carry all events, it has those of whole turns in which something went
// wrong, and then the first others, in the order of the log.
func TestLimits(t *testing.T) {
	var lines []string
	for turn, end := range []string{`"tool_call_complete"`, `"open"`, `"tool_call_failure"`, `"tool_call_complete"`, `"tool_call_complete", "status": "error"`, `"tool_call_complete"`} {
		lines = append(lines, fmt.Sprintf(`{"event_type": "tool_call_attempt", "tool_name": "x", "turn_id": "%d"}`, turn),
			fmt.Sprintf(`{"event_type": %s, "tool_name": "x", "turn_id": "%d"}`, end, turn),
			fmt.Sprintf(`{"event_type": "turn_end", "turn_id": "%d"}`, turn),
			fmt.Sprintf(`{"event_type": "loose", "of": "%d"}`, turn))
	}
	turn := func(n int) []string { return lines[4*n : 4*n+3] }
	loose := func(n int) string { return lines[4*n+3] }
	for name, test := range map[string]struct {
		kept htmlreport.Kept
		want [][]string
	}{
		"no limit":        {htmlreport.Kept{}, [][]string{lines}},
		"just enough":     {htmlreport.Kept{MaxEvents: len(lines)}, [][]string{lines}},
		"some others":     {htmlreport.Kept{MaxEvents: 13}, [][]string{turn(0), {loose(0)}, turn(1), turn(2), turn(4)}},
		"no calm ones":    {htmlreport.Kept{MaxEvents: 9}, [][]string{turn(1), turn(2), turn(4)}},
		"only what fails": {htmlreport.Kept{MaxEvents: 6}, [][]string{turn(2), turn(4)}},
		"not all of it":   {htmlreport.Kept{MaxEvents: 3}, [][]string{turn(2)}},
		"bytes":           {htmlreport.Kept{MaxBytes: len(strings.Join(turn(2), ""))}, [][]string{turn(2)}},
	} {
		want := slices.Concat(test.want...)
		page := pageOf(t, &test.kept, nil, lines...)
		if _, have := dataOf(t, page); !slices.Equal(have, want) {
			t.Errorf("%s: the page has\n%s\nwant\n%s", name, strings.Join(have, "\n"), strings.Join(want, "\n"))
		}
		left := len(lines) - len(want)
		if have := test.kept.LeftOut(); have != int64(left) {
			t.Errorf("%s: %d are left out, want %d", name, have, left)
		}
		if have := strings.Contains(page, fmt.Sprintf("%d of %d events are on this page", len(want), len(lines))); have != (left > 0) {
			t.Errorf("%s: the page says that events are missing: %t", name, have)
		}
	}
}

// An event that belongs to no turn matters as much as what happened in it.
func TestLimitsOfLooseEvents(t *testing.T) {
	calm, bad := `{"event_type": "note"}`, `{"event_type": "error", "severity": "error"}`
	if _, have := dataOf(t, pageOf(t, &htmlreport.Kept{MaxEvents: 1}, nil, calm, bad, calm)); !slices.Equal(have, []string{bad}) {
		t.Errorf("the page has %q", have)
	}
}

// What a page does not have takes no memory.
func TestKeptMemory(t *testing.T) {
	kept := htmlreport.Kept{MaxEvents: 100}
	var s events.Scanner
	add := func(from, to int) {
		for i := from; i < to; i++ {
			for _, line := range []string{
				`{"event_type": "tool_call_attempt", "turn_id": "%d", "severity": "error"}`, `{"event_type": "turn_end", "turn_id": "%d"}`, `{"event_type": "loose", "n": %d}`,
			} {
				if err := s.Scan(fmt.Appendf(nil, line, i)); err != nil {
					t.Fatal(err)
				}
				kept.Add(&s, 0, int64(i))
			}
		}
	}
	heap := func() int {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int(m.HeapAlloc)
	}
	add(0, 2000)
	before := heap()
	add(2000, 22_000)
	if grown := heap() - before; grown > 1<<20 {
		t.Errorf("%d bytes more", grown)
	}
	runtime.KeepAlive(&kept)
}
