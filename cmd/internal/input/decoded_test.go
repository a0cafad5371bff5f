package input_test

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"auditctl/cmd/internal/input"
	"auditctl/cmd/internal/report"
	"auditctl/pkg/dialect/dialects"
	"auditctl/pkg/events"
	"auditctl/pkg/selection"
)

// Lines of a transcript, in which the second and the third are of the same call.
var transcript = []string{
	`{"type":"user","isSidechain":false,"parentUuid":null,"sessionId":"s","uuid":"1","timestamp":"2026-03-10T08:00:00Z","message":{"content":"look"}}` + "\n",
	`{"type":"assistant","isSidechain":false,"parentUuid":"1","sessionId":"s","uuid":"2","timestamp":"2026-03-10T08:00:01Z","message":{"id":"m","content":[{"type":"tool_use","id":"c","name":"grep","input":{}}]}}` + "\n",
	`{"type":"user","isSidechain":false,"parentUuid":"2","sessionId":"s","uuid":"3","timestamp":"2026-03-10T08:00:02Z","message":{"content":[{"type":"tool_result","tool_use_id":"c","content":"found"}]}}` + "\n",
}

// A stream is an input.Stream of a text.
type stream struct{ io.Reader }

func (stream) Wait() error    { return nil }
func (stream) Ack(int64)      {}
func (stream) Origin() string { return "" }
func (stream) Close() error   { return nil }

// A block of a stream that is decoded knows how much of the stream it is, so that all of
// that is acknowledged.
func TestBytesOfDecodedBlock(t *testing.T) {
	t.Parallel()
	text := transcript[0] + "\n  \n" + transcript[1] + "not a record\n" + transcript[2] + "\n"
	for _, from := range []*input.From{nil, {Dialect: dialects.Named("claude-code")}} {
		in := input.New([]string{"nats://"}, nil)
		in[0].From("stream", stream{strings.NewReader(text)})
		src := input.Sequence(in, &input.Options{MaxLine: 1000, From: from})
		n := 0
		for b := new(input.Block); src.Next(b); {
			n += b.Bytes(len(b.Lines))
			if stopped := b.Bytes(0); stopped != 0 && len(b.Lines) > 0 {
				t.Errorf("%d bytes of no lines", stopped)
			}
		}
		if n != len(text) {
			t.Errorf("decoded %v: %d bytes, want %d", from != nil, n, len(text))
		}
	}
}

// A log that is a copy of another begins at its last events as well, although its records
// become other lines where the other was read before.
func TestLastOfCopies(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var paths []string
	for _, name := range []string{"a", "b"} {
		paths = append(paths, filepath.Join(dir, name))
		if err := os.WriteFile(filepath.Join(dir, name), []byte(strings.Join(transcript, "")), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	all := func() selection.Predicate { return func(*events.Scanner) bool { return true } }
	for n := range 4 {
		opts := &input.Options{MaxLine: 1000, From: &input.From{Quiet: true}, Last: &input.Last{N: int64(n), Wanted: all}}
		lines, errs := readAll(input.Sequence(input.New(paths, nil), opts))
		if strings.Count(lines, `{"event_type": "`) != 2*n || strings.Count(lines, "\n") != 2*n || errs != nil {
			t.Errorf("the last %d of each: %v\n%s", n, errs, lines)
		}
		if n > 0 && strings.Count(lines, `"tool_name": "grep"`) != 2*min(n, 2) {
			t.Errorf("the last %d of each do not know their tool:\n%s", n, lines)
		}
	}
}

// Pipes are decoded one at a time, although they are read at the same time.
func TestMergePipesDecoded(t *testing.T) {
	t.Parallel()
	var inputs []*input.Input
	for range 3 {
		f := make(feed, 10)
		for range 3 {
			f.write(transcript...)
		}
		close(f)
		inputs = append(inputs, input.New([]string{"-"}, f)...)
	}
	lines, said := disorders(input.Merge(inputs, &input.Options{MaxLine: 1000, Window: window, From: &input.From{Quiet: true}}))
	if n := strings.Count(lines, "\n"); n != 27 || said != nil {
		t.Errorf("%d events, want 27; %q", n, said)
	}
}

// Following with no last events begins after those that are there, and with what is
// unfinished.
func TestFollowNew(t *testing.T) {
	t.Parallel()
	pretty := "{\n\"event_type\": \"e\"\n}\n"
	for name, test := range map[string]struct {
		text string
		seen int // how many events are in it
		more string
		want string // of the rest
	}{
		"lines":                  {transcript[0] + transcript[1], 2, transcript[2], "tool_call_complete"},
		"unfinished line":        {transcript[0] + transcript[1][:9], 1, transcript[1][9:], "tool_call_attempt"},
		"line without line feed": {transcript[0] + strings.TrimSpace(transcript[1]), 1, "\n", "tool_call_attempt"},
		"unfinished document":    {pretty + pretty[:6], 1, pretty[6:], "e"},
		"document":               {pretty + pretty, 2, pretty, "e"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "log")
			if err := os.WriteFile(path, []byte(test.text), 0o600); err != nil {
				t.Fatal(err)
			}
			seen := make(chan bool, 10)
			wanted := func() selection.Predicate {
				return func(*events.Scanner) bool { seen <- true; return true }
			}
			src := input.Follow(t.Context(), input.New([]string{path}, nil), &input.Options{
				MaxLine: 1000, From: &input.From{Quiet: true}, Last: &input.Last{Wanted: wanted}, Reports: report.New("", io.Discard),
			})
			lines := make(chan string)
			go func() {
				for b := new(input.Block); src.Next(b); {
					if len(b.Lines) > 0 {
						lines <- string(b.Lines)
					}
				}
			}()
			for range test.seen {
				<-seen
			}
			f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
			if err == nil {
				_, err = f.WriteString(test.more)
			}
			if err != nil {
				t.Fatal(err)
			}
			f.Close()
			want := `"event_type": "` + test.want + `"`
			if have := <-lines; strings.Count(have, "\n") != 1 || !strings.Contains(have, want) {
				t.Errorf("%q, want %q", have, want)
			}
		})
	}
}
