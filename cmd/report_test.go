package cmd_test

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"auditctl/testdata"
)

// linesOfReport returns, for each event of a page, the line that it is said to be from, and
// the event.
func linesOfReport(t *testing.T, page string) (numbers []int64, lines []string) {
	t.Helper()
	var data struct {
		Events struct{ Line []int64 }
	}
	for _, element := range regexp.MustCompile(`(?s)<script type="application/json" (id|class)=.*?>(.*?)</script>`).FindAllStringSubmatch(page, -1) {
		var some []string
		if element[1] == "id" {
			if err := json.Unmarshal([]byte(element[2]), &data); err != nil {
				t.Fatal(err)
			}
		} else if err := json.Unmarshal([]byte(element[2]), &some); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, some...)
	}
	if len(lines) == 0 || len(lines) != len(data.Events.Line) {
		t.Fatalf("%d lines, %d numbers", len(lines), len(data.Events.Line))
	}
	return data.Events.Line, lines
}

// The page says where each event is, also if other lines come between and the log has many
// blocks.
func TestReportLines(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	for i := 1; i <= 4000; i++ {
		switch {
		case i%7 == 0:
			log.WriteString("no event\n")
		case i%11 == 0:
			log.WriteString("\n")
		default:
			fmt.Fprintf(&log, `{"event_type": "e%d", "line": %d, "text": "%s"}`+"\n", i%5, i, strings.Repeat("x", 100))
		}
	}
	_, page, _ := run(strings.NewReader(log.String()), "report", "-T", "e1")
	numbers, lines := linesOfReport(t, page)
	for i, line := range lines {
		if want := fmt.Sprintf(`"line": %d,`, numbers[i]); !strings.Contains(line, want) {
			t.Fatalf("line %d is said to be %s", numbers[i], line)
		}
	}

	_, page, _ = run(strings.NewReader(testdata.ClaudeCode), "report")
	numbers, lines = linesOfReport(t, page)
	for i, line := range lines {
		if want := fmt.Sprintf(`"line": %d}`, numbers[i]); !strings.Contains(line, want) {
			t.Errorf("record %d is said to be %s", numbers[i], line)
		}
	}
}

// A file that appears while the log is read is not replaced either.
func TestReportTaken(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "page.html")
	in, feed := io.Pipe()
	go func() {
		io.WriteString(feed, lineA)
		os.WriteFile(path, []byte("other"), 0o600)
		feed.Close()
	}()
	status, _, said := run(in, "report", "-o", path)
	if want := "auditctl: " + path + " is there already: name another file, or add --truncate to replace it\n"; status != 2 || said != want {
		t.Errorf("status %d, %q, want %q", status, said, want)
	}
	if have := readFile(t, path); have != "other" {
		t.Errorf("it is now %.100q", have)
	}
}
