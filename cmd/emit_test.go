package cmd_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"auditctl/pkg/events"
)

// A reference is an event and its line from the reference writer.
type reference struct {
	EventType string          `json:"event_type"`
	Fields    json.RawMessage `json:"fields"`
	Line      string          `json:"line"`
}

func references(t *testing.T) []reference {
	t.Helper()
	var all []reference
	for line := range strings.Lines(readFile(t, "../testdata/events.jsonl")) {
		var r reference
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}

// object returns the event as input of emit --stdin.
func (r reference) object() string {
	rest := strings.TrimPrefix(string(r.Fields), "{")
	return `{"event_type": "` + r.EventType + `", ` + rest
}

// args returns the command line that creates the event.
func (r reference) args(t *testing.T) []string {
	t.Helper()
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(r.Fields, &fields); err != nil {
		t.Fatal(err)
	}
	args := []string{"emit", r.EventType}
	for key, raw := range fields {
		flag := "--" + strings.ReplaceAll(key, "_", "-")
		if key == "metadata" {
			flag = "--metadata-json"
		}
		args = append(args, flag+"="+flagValue(t, raw))
	}
	return args
}

// flagValue returns a JSON value as the value of a flag.
func flagValue(t *testing.T, raw json.RawMessage) string {
	t.Helper()
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	var list []string
	if json.Unmarshal(raw, &list) != nil || len(list) == 0 {
		return strings.Trim(string(raw), "[]")
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	if err := w.Write(list); err != nil {
		t.Fatal(err)
	}
	w.Flush()
	return strings.TrimSuffix(b.String(), "\n")
}

var (
	madeTurn    = regexp.MustCompile(`"turn_start", (.*)"turn_id": (null|"[0-9a-f]{12}")`)
	longPreview = regexp.MustCompile(`(_preview": "a{200})a*`)
)

// masked returns an event without what only the flags of emit do: they generate turn ids
// and cut previews.
func masked(line string) string {
	return longPreview.ReplaceAllString(madeTurn.ReplaceAllString(line, `"turn_start", $1"turn_id": made`), "$1")
}

// emit --stdin writes every reference event as the reference writer did.
func TestEmitStdinReference(t *testing.T) {
	t.Parallel()
	var in, want strings.Builder
	for _, r := range references(t) {
		in.WriteString(r.object() + "\n")
		want.WriteString(r.Line + "\n")
	}
	status, stdout, stderr := run(strings.NewReader(in.String()), "emit", "--stdin")
	if status != 0 || stderr != "" {
		t.Fatalf("status %d, %s", status, stderr)
	}
	haveLines, wantLines := strings.Split(stdout, "\n"), strings.Split(want.String(), "\n")
	if len(haveLines) != len(wantLines) {
		t.Fatalf("%d lines of %d events", len(haveLines)-1, len(wantLines)-1)
	}
	for i, line := range haveLines {
		if line != wantLines[i] {
			t.Errorf("have %s\nwant %s", line, wantLines[i])
		}
	}
}

// The flags of every type create the same events.
func TestEmitReference(t *testing.T) {
	t.Parallel()
	types := map[string]bool{}
	for _, r := range references(t) {
		args := r.args(t)
		status, stdout, stderr := run(strings.NewReader(""), args...)
		if status != 0 || masked(stdout) != masked(r.Line+"\n") || stderr != "" {
			t.Errorf("%q: status %d, %s\nhave %swant %s", args, status, stderr, stdout, r.Line)
		}
		types[r.EventType] = true
	}
	if len(types) != 16 {
		t.Errorf("%d types, want 16", len(types))
	}
}

// Every type has a flag for each of its keys, which sets it in the event.
func TestEmitFlags(t *testing.T) {
	t.Parallel()
	values := map[events.KeyKind][2]string{
		events.StringKey:  {"x,\"é", `"x,\"\u00e9"`},
		events.IntKey:     {"-7", "-7"},
		events.FloatKey:   {"1e16", "1e+16"},
		events.StringsKey: {"a,b", `["a", "b"]`},
	}
	for _, eventType := range events.Types() {
		for _, key := range events.Keys(eventType) {
			value, ok := values[key.Kind]
			if !ok { // true or false: the other one than the default
				value = map[string][2]string{"true": {"false", "false"}, "false": {"true", "true"}}[string(key.Default)]
			}
			flag := "--" + strings.ReplaceAll(key.Name, "_", "-") + "=" + value[0]
			status, stdout, stderr := run(strings.NewReader(""), "emit", eventType, flag)
			if want := `"` + key.Name + `": ` + value[1]; status != 0 || !strings.Contains(stdout, want) {
				t.Errorf("emit %s %s: status %d, %s%s, want %s", eventType, flag, status, stderr, stdout, want)
			}
		}
	}
}

// Previews keep the first 200 characters, however many bytes these are; nothing else is
// cut.
func TestEmitPreviews(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		eventType, flag, key string
		keep                 int
	}{
		{"turn_start", "--prompt-preview", "prompt_preview", 200},
		{"turn_end", "--content-preview", "content_preview", 200},
		{"tool_call_attempt", "--arguments-preview", "arguments_preview", 200},
		{"tool_call_complete", "--result-preview", "result_preview", 200},
		{"error", "--error-message", "error_message", 1000},
		{"custom", "--set", "x_preview", 1000},
	} {
		for _, character := range []string{"x", "é", "完", "😀", `"`} {
			for _, n := range []int{0, 1, 199, 200, 201, 1000} {
				args := []string{"emit", test.eventType, test.flag, strings.Repeat(character, n), "--print", test.key}
				if test.eventType == "custom" {
					args = []string{"emit", "custom", "own", test.flag, test.key + "=" + strings.Repeat(character, n), "--print", test.key}
				}
				status, stdout, stderr := run(strings.NewReader(""), args...)
				if want := strings.Repeat(character, min(n, test.keep)); status != 0 || stdout != want+"\n" {
					t.Errorf("%s of %d %s: status %d, %s, %d bytes, want %d", test.key, n, character, status, stderr, len(stdout)-1, len(want))
				}
			}
		}
	}
}
