package cmd_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"auditctl/cmd"
)

const (
	lineA = `{"event_type": "a", "n": 1}` + "\n"
	lineB = `{"event_type": "b", "n": 2}` + "\n"
	lineC = `{"event_type": "c", "n": 3}` + "\n"
)

// run runs auditctl within this process.
func run(in io.Reader, args ...string) (status int, stdout, stderr string) {
	var out, err bytes.Buffer
	status = cmd.Run(context.Background(), args, cmd.Streams{In: in, Out: &out, Err: &err})
	return status, out.String(), err.String()
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// tee passes on every byte unchanged, event or not, and only adds a missing last line
// feed.
func TestTeeKeepsEveryByte(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		in     string
		add    string
		status int
	}{
		"nothing":         {"", "", 0},
		"event":           {lineA, "", 0},
		"CR LF":           {"{\"event_type\":\"a\"}\r\n\r\n", "", 0},
		"blank lines":     {"\n \n\t\n\r\n" + lineA + "\n", "", 0},
		"no line feed":    {lineA + `{"event_type": "b"}`, "\n", 0},
		"blank at end":    {lineA + "  ", "\n", 0},
		"torn":            {lineA + `{"event_type": "b`, "\n", 3},
		"spacing":         {"\t{ \"event_type\"\t:\r\"a\" , \"n\" :[ ] } \n", "", 0},
		"numbers":         {`{"event_type":"a","n":[1.0,1E5,-0,0.10,123456789012345678901234567890]}` + "\n", "", 0},
		"escapes":         {`{"event\u005ftype":"\u0061","s":"\/\ud83d\ude00\ud800é"}` + "\n", "", 0},
		"two keys":        {`{"event_type":"a","event_type":"b","x":1,"x":2}` + "\n", "", 0},
		"NUL":             {"a\x00b\n", "", 3},
		"invalid UTF-8":   {"{\"event_type\":\"\xff\"}\n", "", 3},
		"byte order mark": {"\xef\xbb\xbf" + lineA, "", 0},
		"separators":      {"{\"event_type\":\"a\",\"s\":\"\u2028\u2029\u0085\"}\n", "", 0},
		"long line":       {`{"event_type":"a","s":"` + strings.Repeat("x", 3<<20) + `"}` + "\n" + lineB, "", 0},
		"many lines":      {strings.Repeat(lineA+"not an event\n", 50_000), "", 3},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "copy.jsonl")
			status, stdout, stderr := run(strings.NewReader(test.in), "tee", path)
			if status != test.status {
				t.Errorf("status %d, want %d; %.300s", status, test.status, stderr)
			}
			if stdout != test.in+test.add {
				t.Errorf("standard output has %.300q, want %.300q", stdout, test.in+test.add)
			}
			if copied := readFile(t, path); copied != test.in+test.add {
				t.Errorf("the file has %.300q, want %.300q", copied, test.in+test.add)
			}
		})
	}
}

// The result does not depend on how the input is divided into reads.
func TestInputInPieces(t *testing.T) {
	t.Parallel()
	in := lineA + "nonsense\n\n" + `{"event_type":"é完","s":"` + strings.Repeat("é", 200) + `"}` + "\r\n" + `{"event_type":"b"}`
	_, want, wantReport := run(strings.NewReader(in), "tee")
	for name, reader := range map[string]func(io.Reader) io.Reader{
		"bytes": iotest.OneByteReader,
		"half":  iotest.HalfReader,
		"EOF":   iotest.DataErrReader,
	} {
		t.Run(name, func(t *testing.T) {
			status, stdout, stderr := run(reader(strings.NewReader(in)), "tee")
			if status != 3 || stdout != want || stderr != wantReport {
				t.Errorf("status %d, %q, %q; want 3, %q, %q", status, stdout, stderr, want, wantReport)
			}
		})
	}
}

// An input that fails is named; everything before the failure is delivered.
func TestInputFails(t *testing.T) {
	t.Parallel()
	broken := errors.New("the wire is cut")
	for _, test := range []struct {
		args string
		want string
	}{
		{"tee", lineA + lineB},
		{"filter -t b", lineB},
		{"cat", lineA + lineB},
		{"filter -c", "2\n"},
	} {
		t.Run(test.args, func(t *testing.T) {
			in := io.MultiReader(strings.NewReader(lineA+lineB), iotest.ErrReader(broken))
			status, stdout, stderr := run(in, strings.Fields(test.args)...)
			if status != 2 || stdout != test.want || stderr != "auditctl: read stdin: the wire is cut\n" {
				t.Errorf("status %d, %q, %q", status, stdout, stderr)
			}
		})
	}
}

// The incomplete line of an input that fails is not lost.
func TestInputFailsWithinLine(t *testing.T) {
	t.Parallel()
	in := io.MultiReader(strings.NewReader(lineA+`{"event_type": "b"`), iotest.ErrReader(errors.New("the wire is cut")))
	status, stdout, stderr := run(in, "tee")
	if want := lineA + `{"event_type": "b"` + "\n"; status != 2 || stdout != want {
		t.Errorf("status %d, %q, want 2, %q", status, stdout, want)
	}
	if !strings.Contains(stderr, "auditctl: read stdin: the wire is cut\n") {
		t.Errorf("reported %q", stderr)
	}
}

// A failingWriter accepts some bytes and then fails.
type failingWriter struct{ room int }

func (w *failingWriter) Write(p []byte) (int, error) {
	n := min(w.room, len(p))
	w.room -= n
	if n < len(p) {
		return n, errors.New("the disk is gone")
	}
	return n, nil
}

// A standard output that fails is reported once, and the other destinations go on.
func TestOutputFails(t *testing.T) {
	t.Parallel()
	for _, room := range []int{0, 10, len(lineA), len(lineA) + 1} {
		t.Run(fmt.Sprint(room), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "good.jsonl")
			in := strings.Repeat(lineA+lineB, 40_000)
			var stderr bytes.Buffer
			status := cmd.Run(context.Background(), []string{"tee", path}, cmd.Streams{
				In: strings.NewReader(in), Out: &failingWriter{room}, Err: &stderr,
			})
			if status != 2 || stderr.String() != "auditctl: write stdout: the disk is gone\n" {
				t.Errorf("status %d, reported %q", status, &stderr)
			}
			if readFile(t, path) != in {
				t.Errorf("%s is not complete", path)
			}
		})
	}
}

// If the only output is standard output and it fails, every command says so.
func TestOnlyOutputFails(t *testing.T) {
	t.Parallel()
	for _, args := range []string{"tee", "filter", "cat", "cat --format=text", "filter -c", "stats", "stats --json", "emit base", "emit --stdin", "emit base --print severity", "repair", "", "--version", "--help", "help", "filter --help", "help emit", "completion bash", "completion zsh", "completion fish", "completion powershell"} {
		t.Run(args, func(t *testing.T) {
			var stderr bytes.Buffer
			status := cmd.Run(context.Background(), strings.Fields(args), cmd.Streams{
				In: strings.NewReader(lineA), Out: &failingWriter{}, Err: &stderr,
			})
			if status != 2 || strings.Count(stderr.String(), "the disk is gone") != 1 || strings.Count(stderr.String(), "\n") != 1 {
				t.Errorf("status %d, reported %q", status, &stderr)
			}
		})
	}
}

// Concurrent runs share nothing.
func TestRunsShareNothing(t *testing.T) {
	t.Parallel()
	session := readFile(t, "../testdata/session.jsonl")
	commands := []string{
		"tee --invalid=skip",
		"filter -t turn_* -v",
		"filter -c -p error",
		`filter -c -w .tool_name=="grep"`,
		"filter --strict -w .duration_ms|floor>100",
		"cat --format=text --color=always",
		"cat --format=text --color=never",
		"stats --json",
		"stats --by tool_name --color=always",
		"emit --stdin --max-line=1M",
		"emit error --error-type E --timestamp 2026-03-09 --agent-id a",
		"emit error --timestamp 2026-03-09",
		"filter --bogus",
		"--help",
	}
	want := make([]string, len(commands))
	for i, command := range commands {
		status, stdout, stderr := run(strings.NewReader(session), strings.Fields(command)...)
		want[i] = fmt.Sprint(status, stdout, stderr)
	}
	var all sync.WaitGroup
	for range 8 {
		for i, command := range commands {
			all.Go(func() {
				status, stdout, stderr := run(strings.NewReader(session), strings.Fields(command)...)
				if have := fmt.Sprint(status, stdout, stderr); have != want[i] {
					t.Errorf("%s: %.300s\non its own %.300s", command, have, want[i])
				}
			})
		}
	}
	all.Wait()
}

// An endingContext ends when Done is first called, but not before a file of this name
// exists.
type endingContext struct {
	context.Context
	cancel context.CancelFunc
	path   string
}

func (c *endingContext) Done() <-chan struct{} {
	eventually(func() bool {
		_, err := os.Stat(c.path)
		return err == nil
	})
	time.Sleep(time.Millisecond) // it is probably open now
	c.cancel()
	return c.Context.Done()
}

// A run whose context ends just after a destination was opened ends too, and does not
// claim success.
func TestEndsWhileOpening(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for i := range 50 {
		ctx := &endingContext{path: filepath.Join(dir, fmt.Sprint(i))}
		ctx.Context, ctx.cancel = context.WithCancel(t.Context())
		var stdout, stderr bytes.Buffer
		status := cmd.Run(ctx, []string{"tee", "-q", ctx.path, ctx.path + "b"}, cmd.Streams{
			In: strings.NewReader(lineA), Out: &stdout, Err: &stderr,
		})
		if have := readFile(t, ctx.path); status == 0 && have != lineA {
			t.Errorf("status 0, and the destination has %q", have)
		}
	}
}

// filter and cat stop reading as soon as the result is known.
func TestStopsReading(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		args string
		want string
	}{
		{"filter -m 2", lineA + lineB},
		{"filter -q -t b", ""},
		{"cat -m 1 -t b", lineB},
		{"filter -c -m 2", "2\n"},
		{"filter -m 0", ""},
	} {
		t.Run(test.args, func(t *testing.T) {
			in, feed := io.Pipe() // stays open
			defer in.Close()
			go io.WriteString(feed, lineA+lineB+lineC)
			status, stdout, stderr := run(in, strings.Fields(test.args)...)
			if status != 0 || stdout != test.want || stderr != "" {
				t.Errorf("status %d, %q, %q; want 0, %q", status, stdout, stderr, test.want)
			}
		})
	}
}
