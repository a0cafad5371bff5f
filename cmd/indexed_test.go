package cmd_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"auditctl/pkg/index"
)

// oddLines are lines of which a log may have any: events that differ in what indexes know of
// them, and what is none.
var oddLines = []string{
	`{"event_type": "turn_start", "timestamp": "2026-03-09T08:15:00", "agent_id": "main", "turn_id": "turn-1", "session_id": "sess-1", "severity": "info", "metadata": {}, "prompt_preview": "x"}`,
	`{"event_type": "tool_call_attempt", "timestamp": "2026-03-09T08:15:01", "agent_id": "main", "turn_id": "turn-1", "session_id": "sess-1", "severity": "info", "metadata": {"region": "eu"}, "tool_name": "grep"}`,
	`{"event_type": "tool_call_complete", "timestamp": "2026-03-09T09:15:02+01:00", "agent_id": "main", "turn_id": "turn-1", "session_id": "sess-1", "severity": "info", "metadata": {}, "tool_name": "grep", "duration_ms": 12.5}`,
	`{"event_type": "tool_call_failure", "timestamp": "2026-03-10T00:00:00.000000001Z", "agent_id": "tracker", "turn_id": "turn-2", "session_id": "sess-2", "severity": "error", "metadata": {"region": null}, "tool_name": "read_file", "error_type": "OSError"}`,
	`{"event_type": "error", "timestamp": "2026-03-11", "session_id": "sess-2", "severity": "ERROR", "error_type": "E"}`,
	`{"event_type": "rare", "timestamp": 1773216000, "agent_id": 7, "session_id": 12, "turn_id": 1.0, "severity": "warn", "tool_name": "7"}`,
	`{"event_type": "bare"}`,
	`{"event_type": "Bare", "agent_id": null, "tool_name": null, "severity": null, "timestamp": null, "session_id": null}`,
	`{"event_type": "odd", "severity": "grave", "timestamp": "some day"}`,
	`{"event_type": "odd", "severity": 3, "timestamp": true, "tool_name": {"a": 1}, "agent_id": ["x"]}`,
	`{"event_type": "turn_end", "event_type": "twice", "tool_name": "first", "tool_name": "last", "severity": "info", "severity": "critical", "timestamp": "2020-01-01", "timestamp": "2026-03-12T00:00:00"}`,
	`{"event\u005ftype": "esc\u0061ped", "tool\u005fname": "gr\u0065p", "session_id": "sess-\ud83d\ude00", "agent_id": "m\u0061in", "severity": "\u0065rror", "timestamp": "2026-03-0\u0039T08:15:00"}`,
	`{"event_type": "half", "session_id": "\ud83d", "agent_id": "\u0000", "tool_name": ""}`,
	`{"event_type": "tool_call_attempt", "call_id": "c1", "tool_name": "grep", "session_id": "sess-3"}` + "\r",
	"\ufeff" + `{"event_type": "marked", "tool_name": "bom"}`,
	`  {"event_type": "indented", "metadata": {"event_type": "inner", "tool_name": "inner"}}  `,
	`{"event_type": "long", "tool_name": "grep", "text": "` + strings.Repeat("long ", 200) + `"}`,
	`{"type": "untyped", "tool_name": "grep"}`, `{"event_type": 1}`, `{"event_type": "cut", "a": `, `[]`, `not JSON`, "{\"event_type\": \"bad\xff\"}", ``, "  \t", "\r",
}

// oddLog returns a log of lines, in runs of some that are alike.
func oddLog(r *rand.Rand) string {
	var b strings.Builder
	if r.IntN(8) == 0 {
		b.WriteString("\ufeff")
	}
	lines := oddLines
	if r.IntN(2) == 0 {
		lines = oddLines[:16] // without invalid lines
	}
	for range 1 + r.IntN(8) {
		few := make([]string, 1+r.IntN(3))
		for i := range few {
			few[i] = lines[r.IntN(len(lines))]
		}
		for range 1 + r.IntN(30) {
			b.WriteString(few[r.IntN(len(few))] + "\n")
		}
	}
	text := b.String()
	if r.IntN(4) == 0 {
		text = text[:len(text)-1]
	}
	return text
}

// The flags that select events, with some that look like mistakes, and those that say what
// becomes of events, and of other lines.
var (
	selecting = []string{
		"", "-t rare", "-t error", "-t eror", "-t tool_call_*", "-t tool_call_atempt,rare", "-T tool_call_*,turn_*", "-T rare", "-v -t rare", "-v -t tool_call_*", "-t nothing", "-t esc*", "-t twice,turn_end",
		"--agent-id main", "--agent-id mian", "--agent-id 7", "--agent-id tracker,mai?", "--tool-name grep", "--tool-name gerp", "--tool-name first,last", "--tool-name=[!g]*",
		"--session-id sess-1", "--session-id sess-2,sess-x", "--session-id ses-1", "--session-id 12", "--session-id sess-*", "--turn-id turn-2", "--turn-id turn2", "--turn-id 1.0",
		"-p warning", "-p info..info", "-p critical", "-S 2026-03-10", "-U 2026-03-10", "-S 2026-03-09T08:15:01Z -U 2026-03-09T08:15:02Z", "-S 2027-01-01", "-v -S 2026-03-10", "-v -p warning",
		"-p error -S 2026-03-10", "-t tool_call_failure -p error", "-t odd -p info", "-t rare -S 2026-03-10", "--tool-name grep -t tool_call_attempt --agent-id main",
		"-F tool_name=grep", "-F tool_name!=grep", "-F tool_nme=grep", "-F agent_id=7.0", "-F agent_id>6", "-F tool_name~=^r", "-F tool_name!~r", "-F agent_id=null", "-F session_id=sess-2", "-F session_id=null", "-F session_id=sess2", "-F severity=error", "-F metadata.region=eu", "-F metadata.regoin=eu", "-t rare -F duration_ms>1", "-F call_id=c1", "-F event_type=rare",
		`-w .tool_name=="grep"`, `-w .event_type=="rare"and(.duration_ms|test("x"))`, `-w (.duration_ms|test("x"))and.event_type=="rare"`, `-w .session_id=="sess-2"`, `-w .session_id=="ses-2"`, `-w .tool_name|IN("read_file","gerp")`, `-w .event_type=="rare"or.agent_id=="tracker"`, `-w .toolname=="grep"`, `-w .event_type=="rare"and.nokey==1`, `-v -w .event_type=="rare"`, "-w .metadata.region", `-w .event_type=="tool_call_failure"and(.tool_name|ascii_upcase=="READ_FILE")`,
	}
	doing = []string{
		"filter", "filter", "filter -c", "filter -c", "filter -q", "filter -m 1", "filter -m 7", "filter -c -m 3", "filter -e", "filter --json-array", "filter -A 1", "filter --original", "filter -c --redact tool_name", "filter --redact session_id",
		"cat", "cat --format=text", "cat --format=table", "cat --format=csv --columns tool_name,session_id", "cat --columns timestamp,tol_name --format=tsv", "cat --format=tree", "cat -n 2", "cat -n 1000", "cat -n 0", "cat -n 3 --format=text", "cat --sort", "cat --template {{.tool_name}}", "cat -c --format=tree",
		"stats", "stats --json", "stats --by event_type", "stats --by tool_name,agent_id --json", "stats --by tool_nme",
	}
	invalid = []string{"", "", "--invalid=skip", "--invalid=fail", "--max-line 200", "-j 1", "--from none", "--rejects REJECTS"}
)

// compareIndexed runs a command with an index and without, and reports whether all is the
// same.
func compareIndexed(t *testing.T, args []string, files ...string) {
	t.Helper()
	type result struct {
		status             int
		out, err, rejected string
	}
	var results [2]result
	rejects := filepath.Join(t.TempDir(), "rejects")
	for i, more := range []string{"--no-index", "-j2"} {
		os.Remove(rejects)
		args := append(strings.Split(strings.ReplaceAll(strings.Join(args, "\x00"), "REJECTS", rejects), "\x00"), append([]string{more}, files...)...)
		r := &results[i]
		r.status, r.out, r.err = run(strings.NewReader(""), args...)
		text, _ := os.ReadFile(rejects)
		r.rejected = string(text)
	}
	if results[0] != results[1] {
		texts := ""
		for _, file := range files {
			text, _ := os.ReadFile(file) // a directory has none
			texts += fmt.Sprintf("\n%s:\n%s", filepath.Base(file), text)
		}
		t.Errorf("auditctl %q: without an index %+v\nwith one %+v%s", args, results[0], results[1], texts)
	}
}

// words splits flags, which have no blanks in them.
func words(flags ...string) (all []string) {
	for _, f := range flags {
		all = append(all, strings.Fields(f)...)
	}
	return all
}

// makeIndex makes the index of a log, with small blocks.
func makeIndex(t testing.TB, path string, size int) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("it has no change times that users cannot set")
	}
	if _, err := index.Make(t.Context(), path, &index.Options{BlockSize: size}); err != nil {
		t.Fatal(err)
	}
}

// Whatever a log has and a command asks, it says the same with an index and without.
func TestIndexed(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	logs := []string{"", "\n", strings.Join(oddLines, "\n"), strings.Repeat(oddLines[0]+"\n", 40) + oddLines[5] + "\n" + strings.Repeat(oddLines[1]+"\n", 40)}
	untyped := strings.Repeat(oddLines[17]+"\n", 9)
	logs = append(logs, untyped+oddLines[17]+"\n"+oddLines[0]+"\n", untyped+oddLines[0]+"\n"+oddLines[17], untyped+untyped)
	for range 5 {
		logs = append(logs, oddLog(r))
	}
	for _, name := range []string{"session", "events", "claude-code"} {
		logs = append(logs, readFile(t, "../testdata/"+name+".jsonl"))
	}
	for i, text := range logs {
		var args [][]string
		for at := i; at < len(selecting); at += 3 {
			args = append(args, words(doing[r.IntN(len(doing))], selecting[at], invalid[r.IntN(len(invalid))]))
		}
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "log.jsonl")
			writeFile(t, path, text)
			makeIndex(t, path, []int{1, 200, 1000, 1 << 20}[i%4])
			for _, args := range args {
				compareIndexed(t, args, path)
			}
		})
	}
}

// Which keys are looked at for one that is spelled nearly so does not depend on where reading
// begins again after what was skipped.
func TestIndexedKeysOfSomeLines(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log.jsonl")
	writeFile(t, path, strings.Repeat(lineA, 20)+`{"event_type": "rare", "custom_key": 1}`+"\n"+strings.Repeat(lineA, 20))
	makeIndex(t, path, 1)
	compareIndexed(t, []string{"filter", "-t", "rare", "-F", "custom_kye=1"}, path)
}

// That the index of a log that has grown is void is said in one line that names it, as of any
// other.
func TestIndexVoidOfGrown(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log.jsonl")
	writeFile(t, path, strings.Repeat(lineA, 20))
	makeIndex(t, path, 1)
	writeFile(t, path, strings.Repeat(lineB, 20)+strings.Repeat(lineA, 20))
	want := "auditctl: " + path + ".idx is not used: the log was changed after it was made\n"
	if _, _, err := run(strings.NewReader(""), "filter", "-t", "rare", path); err != want {
		t.Errorf("it says %q, want %q", err, want)
	}
}

// TestIndexedAtRandom is TestIndexed with logs and flags that a number makes, and with logs
// that have grown.
func TestIndexedAtRandom(t *testing.T) {
	seeds := []uint64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
	seeds = append(seeds, 150) // has a table
	seeds = append(seeds, 197) // the last events begin in the last block, and go on after it
	for _, seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 1))
			dir := t.TempDir()
			var paths []string
			for i := range 1 + r.IntN(3) {
				path := filepath.Join(dir, fmt.Sprintf("%d.jsonl", i))
				text := oddLog(r)
				before := len(text)
				if r.IntN(3) == 0 {
					before = r.IntN(len(text))
				}
				writeFile(t, path, text[:before])
				if r.IntN(4) > 0 {
					makeIndex(t, path, 1+r.IntN(2000))
				}
				appendTo(t, path, text[before:])
				paths = append(paths, path)
			}
			if r.IntN(3) == 0 {
				paths = []string{dir}
			}
			for range 10 {
				one := func(of []string) string { return of[r.IntN(len(of))] }
				flags := []string{one(doing), one(selecting), one(invalid)}
				if other := one(selecting); r.IntN(2) == 0 && !strings.Contains(flags[1], other[:min(2, len(other))]) {
					flags = append(flags, other)
				}
				compareIndexed(t, words(flags...), paths...)
			}
		})
	}
}

func appendTo(t testing.TB, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err == nil {
		_, err = f.WriteString(text)
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}
