package cmd_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"auditctl/pkg/events"
)

const lnavFormat = "../docs/auditctl.lnav.json"

// The format for lnav has the keys of all types, and names only these.
func TestLnavKeys(t *testing.T) {
	t.Parallel()
	var file struct {
		Format struct {
			Value map[string]any
			Line  []any `json:"line-format"`
		} `json:"auditctl_log"`
	}
	if err := json.Unmarshal([]byte(readFile(t, lnavFormat)), &file); err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{}
	for _, key := range events.EnvelopeKeys() {
		want[key] = true
	}
	for _, eventType := range events.Types() {
		for _, key := range events.Keys(eventType) {
			want[key.Name] = true
		}
	}
	if have, want := slices.Sorted(maps.Keys(file.Format.Value)), slices.Sorted(maps.Keys(want)); !slices.Equal(have, want) {
		t.Errorf("the keys are %q, want %q", have, want)
	}
	for _, part := range file.Format.Line {
		field, ok := part.(map[string]any)
		if name, _ := field["field"].(string); ok && name != "__timestamp__" && !want[name] {
			t.Errorf("a line shows %q", name)
		}
	}
}

// lnav installs the format, shows events in lines, and answers questions about them.
func TestLnav(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("lnav"); err != nil {
		t.Skip("lnav is not installed")
	}
	home := t.TempDir()
	lnav := func(args ...string) string {
		t.Helper()
		p := exec.Command("lnav", args...)
		p.Env = append(os.Environ(), "HOME="+home, "XDG_CONFIG_HOME=", "TZ=UTC", "TERM=xterm", "LC_ALL=C.UTF-8")
		out, err := p.CombinedOutput()
		if err != nil {
			t.Fatalf("lnav %q: %v\n%s", args, err, out)
		}
		return string(out)
	}
	lnav("-i", lnavFormat)
	if complaints := lnav("-C"); complaints != "" {
		t.Error(complaints)
	}
	lines := lnav("-n", "../testdata/session.jsonl")
	for _, want := range []string{
		"03-09 08:14:26.192 error    tracker  tool_call_failure open_issue HTTPError 429 Too Many Requests\n",
		"03-09 08:15:06.557 info     ops      tool_policy_decision shell_exec deny operator_override\n",
	} {
		if !strings.Contains(lines, want) {
			t.Errorf("no line is %q:\n%s", want, lines)
		}
	}
	answer := func(query, log string) string {
		t.Helper()
		return lnav("-n", "-c", ";"+query, "-c", ":write-csv-to -", log)
	}
	counts := answer("SELECT log_level, count(*), count(DISTINCT turn_id), max(duration_ms) FROM auditctl_log GROUP BY log_level ORDER BY log_level", "../testdata/session.jsonl")
	if want := "info,33,4,1873.936\nwarning,1,1,<NULL>\nerror,5,3,<NULL>\n"; !strings.HasSuffix(counts, want) {
		t.Errorf("lnav counts\n%s\nwant\n%s", counts, want)
	}

	var log, want strings.Builder
	for word := range strings.FieldsSeq("debug dbg trace verbose info inf information notice WARNING Warn wrn error ERR severe critical crit fatal alert emergency emerg panic dpanic") {
		severity, _ := events.ParseSeverity(word)
		fmt.Fprintf(&log, `{"event_type": "base", "timestamp": "2026-03-09T08:14:02Z", "severity": "%s"}`+"\n", word)
		fmt.Fprintf(&want, "%s,%s\n", word, severity)
	}
	path := filepath.Join(home, "severities.jsonl")
	writeFile(t, path, log.String())
	if levels := answer("SELECT severity, log_level FROM auditctl_log", path); !strings.HasSuffix(levels, "\n"+want.String()) {
		t.Errorf("the levels are\n%s\nwant\n%s", levels, want.String())
	}
}
