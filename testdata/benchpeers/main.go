// Benchpeers times auditctl and other tools on one large log, in turns so that noise
// affects all of them, and prints a table of medians and ratios, and whether each tool
// found the same lines. Tools that are not installed are left out.
//
//	make bench-peers
package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

const (
	rare   = "tool_loop_block"
	common = "tool_call_complete"
)

// A contest is several tools doing the same work. Every command reads the log from
// standard input and writes to standard output, which is a file.
type contest struct {
	title string
	tools []tool // the others are compared with the first
	files bool   // the output is the files a, b, c and d, not standard output
	part  int64  // the input is one part of so many of the log
	again int    // how many times a command runs in one measurement
	empty bool   // standard input is empty
	log   string // instead of the log that the others read
	size  int64  // of the log, in bytes

	// prepare, if set, creates what the tools need in the directory that they run in.
	prepare func(input, dir string) error
}

type tool struct {
	name  string
	args  []string
	slow  bool   // runs once
	makes string // what it makes in each run

	seconds []float64
	peak    int64 // bytes
	lines   int
	hash    [sha256.Size]byte
}

func main() {
	auditctl := flag.String("auditctl", "auditctl", "the `binary` to measure")
	hello := flag.String("hello", "", "a hello world `binary` to compare starts with")
	duckdb := flag.String("duckdb", "", "run this `script` with node as a peer, if DuckDB is installed beside the log")
	input := flag.String("log", "", "the log to read, a `FILE`")
	jetstream := flag.String("jetstream", "", "the test `binary` of pkg/collector/jetstream, which has benchmarks")
	transcript := flag.String("transcript", "", "a transcript of Claude Code to read, a `FILE`")
	rounds := flag.Int("rounds", 7, "rounds of each contest")
	only := flag.String("only", "", "run only contests whose title holds `TEXT`")
	flag.Parse()
	log.SetFlags(0)

	path, err := filepath.Abs(*input)
	if err == nil {
		all := contests(*auditctl, *hello, *duckdb, filepath.Dir(path))
		if *transcript != "" {
			all = append(all, decoding(*auditctl, *transcript), paths(*auditctl, *transcript))
		}
		all = append(all, indexed(*auditctl))
		if *jetstream != "" {
			all = append(all, publishing(*jetstream))
		}
		err = run(path, *rounds, *only, all)
	}
	if err != nil {
		log.Fatal(err)
	}
}

// run runs the contests whose title contains only, in a directory next to the log.
func run(input string, rounds int, only string, all []*contest) error {
	dir, err := os.MkdirTemp(filepath.Dir(input), "bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	parts := map[int64]string{}
	fmt.Println("| work | tool | median s | MB/s | × first | peak MiB | lines |")
	fmt.Println("|---|---|---:|---:|---:|---:|---|")
	for _, c := range all {
		if !strings.Contains(c.title, only) {
			continue
		}
		from := input
		if c.log != "" {
			from = c.log
		}
		if c.part > 0 {
			if parts[c.part] == "" {
				parts[c.part] = filepath.Join(dir, fmt.Sprintf("part-%d.jsonl", c.part))
				if err := copyPart(parts[c.part], input, c.part); err != nil {
					return err
				}
			}
			from = parts[c.part]
		}
		if c.prepare != nil {
			if err := c.prepare(from, dir); err != nil {
				return fmt.Errorf("%s: %w", c.title, err)
			}
		}
		if err := c.run(from, dir, rounds); err != nil {
			return err
		}
		c.print()
	}
	printGoals(all)
	return nil
}

// copyPart copies the first one of so many parts of a log, up to the end of a line: for tools
// that write several copies, which would not stay in memory until they are measured, and for
// slow ones.
func copyPart(to, from string, parts int64) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	st, err := in.Stat()
	if err != nil {
		return err
	}
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	lines := bufio.NewReader(in)
	_, err = io.CopyN(out, lines, st.Size()/parts)
	if err == nil {
		var rest []byte
		if rest, err = lines.ReadBytes('\n'); err == nil {
			_, err = out.Write(rest)
		}
	}
	return errors.Join(err, out.Close())
}

func command(auditctl string, args ...string) tool {
	return tool{name: "auditctl " + strings.Join(args, " "), args: append([]string{auditctl}, args...)}
}

// longNames is a jq expression that auditctl leaves to gojq.
const longNames = `(.tool_name // "" | utf8bytelength) > 9`

func contests(auditctl, hello, duckdb, modules string) []*contest {
	wc := tool{name: "wc -l", args: []string{"wc", "-l"}}
	ours := func(args ...string) tool { return command(auditctl, args...) }
	_, err := os.Stat(filepath.Join(modules, "node_modules", "@duckdb"))
	hasDuckDB := err == nil && duckdb != ""
	search := func(eventType string) []tool {
		tools := []tool{
			ours("filter", "-t", eventType),
			wc,
			ours("filter", "-j", "1", "-t", eventType),
			{name: "rg -F", args: []string{"rg", "-F", `"` + eventType + `"`}},
			{name: "rg, anchored", args: []string{"rg", `^\{"event_type": ?"` + eventType + `"`}},
			{name: "gojq", args: []string{"gojq", "-c", `select(.event_type == "` + eventType + `")`}, slow: true},
			{name: "jq", args: []string{"jq", "-c", `select(.event_type == "` + eventType + `")`}, slow: true},
			{name: "mlr", args: []string{"mlr", "--jsonl", "filter", `$event_type == "` + eventType + `"`}, slow: true},
		}
		if hasDuckDB {
			tools = append(tools, tool{name: "DuckDB", args: []string{"node", duckdb, modules, eventType}})
		}
		return tools
	}
	counts := []tool{
		ours("stats", "--by", "event_type"),
		ours("stats"),
		{name: "jq", args: []string{"jq", "-n", "reduce inputs as $e ({}; .[$e.event_type] += 1)"}, slow: true},
		{name: "mlr", args: []string{"mlr", "--jsonl", "count-distinct", "-f", "event_type"}, slow: true},
	}
	if hasDuckDB {
		counts = append(counts, tool{name: "DuckDB", args: []string{"node", duckdb, modules}})
	}
	tee := func(files ...string) *contest {
		return &contest{title: fmt.Sprintf("tee to %d", len(files)), files: true, part: 4, tools: []tool{
			ours(append([]string{"tee", "-q"}, files...)...),
			{name: "tee", args: []string{"sh", "-c", `tee "$@" > ` + files[len(files)-1], "tee"}},
		}}
	}
	all := []*contest{
		{title: "rare type", tools: search(rare)},
		{title: "common type", tools: search(common)},
		{title: "other selections", tools: []tool{
			ours("filter", "-t", rare),
			ours("filter", "--since", "2026-03-16"),
			ours("filter", "-p", "warning"),
			ours("filter", "--session-id", "sess-7f3a"),
			ours("filter", "-F", "duration_ms>199"),
			ours("filter", "-w", `.event_type == "`+rare+`"`),
		}},
		{title: "jq expression", tools: []tool{
			ours("filter", "-c", "-w", longNames),
			{name: "gojq", args: []string{"gojq", "-c", "select(" + longNames + ")"}, slow: true},
			{name: "jq", args: []string{"jq", "-c", "select(" + longNames + ")"}, slow: true},
		}},
		{title: "count by type", tools: counts},
		tee("a"), tee("a", "b"), tee("a", "b", "c", "d"),
		{title: "show", tools: []tool{
			ours("cat", "--format=text", "--color=always"),
			{name: "jq -C", args: []string{"jq", "-C", "."}, slow: true},
		}},
		{title: "show as a tree", part: 4, tools: []tool{
			ours("cat", "--format=tree"),
		}},
		{title: "emit --stdin", tools: []tool{
			ours("emit", "--stdin"),
			{name: "jq -c", args: []string{"jq", "-c", "."}, slow: true},
		}},
		sealing(auditctl),
		{title: "redaction", part: 50, tools: []tool{
			ours("redact", "--redact-personal"),
			ours("redact", "--redact-personal", "-j", "1"),
			ours("filter", "-j", "1"),
			{name: "gitleaks stdin", args: []string{"gitleaks", "stdin", "--no-banner", "-l", "error", "--exit-code", "0"}, slow: true},
		}},
	}
	for _, c := range all {
		if c.files { // for tee the last file is standard output
			files := c.tools[0].args[3:]
			c.tools[1].args = append(c.tools[1].args, files[:len(files)-1]...)
		}
	}
	if hello != "" {
		all = append(all, &contest{title: "start", again: 20, empty: true, tools: []tool{
			ours("emit", "base"),
			{name: "hello world", args: []string{hello}},
			ours("emit", "tool_call_complete", "--tool-name", "grep"),
			ours("--help"),
			ours("filter"),
		}})
	}
	return all
}

// decoding compares reading another program's log as events with only looking at a key of
// each of its lines.
func decoding(auditctl, transcript string) *contest {
	return &contest{title: "Claude Code's transcript", log: transcript, tools: []tool{
		command(auditctl, "filter", "--from=claude-code", "-c", "-t", "tool_call_failure"),
		command(auditctl, "filter", "--from=claude-code", "-c", "-j", "1", "-t", "tool_call_failure"),
		command(auditctl, "stats", "--from=claude-code"),
		{name: "jq -c .type", args: []string{"jq", "-c", ".type"}},
	}}
}

// sealing compares making a log tamper-evident with tools that only hash it. The sidecar
// is next to a link to the log, so that it is removed with the directory.
func sealing(auditctl string) *contest {
	const log, key = "log.jsonl", "key"
	c := &contest{title: "seal and verify", empty: true, tools: []tool{
		{name: "auditctl seal", args: []string{auditctl, "seal", "-q", "--key", key, log}, makes: log + ".tlog"},
		{name: "auditctl verify", args: []string{auditctl, "verify", log}},
		{name: "sha256sum", args: []string{"sha256sum", log}},
		{name: "openssl dgst", args: []string{"openssl", "dgst", "-sha256", log}},
	}}
	c.prepare = func(input, dir string) error {
		if err := os.Link(input, filepath.Join(dir, log)); err != nil {
			return err
		}
		keygen := exec.Command(auditctl, "keygen", "example.com/bench", "-o", key)
		keygen.Dir = dir
		keygen.Stderr = os.Stderr
		out, err := keygen.Output()
		if err != nil {
			return fmt.Errorf("keygen: %w", err)
		}
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		c.tools[1].args = append(c.tools[1].args, "--vkey", lines[len(lines)-1])
		return nil
	}
	return c
}

// paths compares jq expressions that follow a path with indexes with a flag that does the same
// for a key, on the records of a transcript as events.
func paths(auditctl, transcript string) *contest {
	const log, path = "paths.jsonl", `.message.content[0].type == "tool_use"`
	c := &contest{title: "path with an index", log: transcript, empty: true, tools: []tool{
		command(auditctl, "filter", "-c", "-w", path, log),
		command(auditctl, "filter", "-c", "-F", "type=assistant", log),
		{name: "jq", args: []string{"jq", "-c", "select(try (" + path + ") catch false)", log}, slow: true},
	}}
	c.prepare = func(input, dir string) error {
		in, err := os.Open(input)
		if err != nil {
			return err
		}
		defer in.Close()
		out, err := os.Create(filepath.Join(dir, log))
		if err != nil {
			return err
		}
		sed := exec.Command("sed", `s/^{/{"event_type":"record",/`)
		sed.Stdin, sed.Stdout, sed.Stderr = in, out, os.Stderr
		return errors.Join(sed.Run(), out.Close())
	}
	return c
}

// indexed compares questions about a log that has an index with those about standard input,
// which has none, and with a search. The index is next to a link to the log, so that it is removed with the directory.
func indexed(auditctl string) *contest {
	const log = "indexed.jsonl"
	c := &contest{title: "with an index", tools: []tool{
		command(auditctl, "filter", "-t", rare, log),
		command(auditctl, "filter", "-t", rare),
		{name: "rg -F", args: []string{"rg", "-F", `"` + rare + `"`, log}},
		command(auditctl, "stats", "--by", "event_type", log),
	}}
	c.prepare = func(input, dir string) error {
		last, err := lastHour(input)
		if err != nil {
			return err
		}
		c.tools = append(c.tools, command(auditctl, "filter", "-S", last, log), command(auditctl, "filter", "-S", last))
		if err := os.Symlink(input, filepath.Join(dir, log)); err != nil {
			return err
		}
		index := exec.Command(auditctl, "index", "-q", log)
		index.Dir, index.Stderr = dir, os.Stderr
		return index.Run()
	}
	return c
}

// lastHour returns the time an hour before the last event of a log.
func lastHour(log string) (string, error) {
	text, err := exec.Command("tail", "-n", "1", log).Output()
	if err != nil {
		return "", err
	}
	var event struct{ Timestamp time.Time }
	err = json.Unmarshal(text, &event)
	return event.Timestamp.Add(-time.Hour).Format(time.RFC3339), err
}

// publishing compares how a stream of one NATS server is written to with nats.go's own
// publisher: equal lines, acknowledged. Both are benchmarks that start the server.
func publishing(tests string) *contest {
	publish := func(name, benchmark string) tool {
		return tool{name: name, args: []string{tests, "-test.run", "^$", "-test.bench", "^" + benchmark + "$/^one$", "-test.benchtime", "100000x"}}
	}
	return &contest{title: "JetStream, one node", empty: true, tools: []tool{
		publish("pkg/collector/jetstream", "BenchmarkWriter"),
		publish("nats.go, asynchronous", "BenchmarkPlainPublisher"),
	}}
}

func (c *contest) run(input, dir string, rounds int) error {
	st, err := os.Stat(input)
	if err != nil {
		return err
	}
	c.size = st.Size()
	c.tools = slices.DeleteFunc(c.tools, func(t tool) bool {
		_, err := exec.LookPath(t.args[0])
		return err != nil
	})
	for round := range rounds {
		for i := range c.tools {
			t := &c.tools[i]
			if t.slow && round > 0 {
				continue
			}
			if err := c.measure(t, input, dir); err != nil {
				return fmt.Errorf("%s: %w", t.name, err)
			}
		}
	}
	return nil
}

// measure runs t once and examines its output.
func (c *contest) measure(t *tool, input, dir string) error {
	out := filepath.Join(dir, "out")
	for _, name := range []string{"a", "b", "c", "d", "out"} {
		if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	// What the tool makes is moved away and not removed: ext4 is slow for some seconds
	// after many files were removed.
	if t.makes != "" && len(t.seconds) > 0 {
		path := filepath.Join(dir, t.makes)
		if err := os.Rename(path, fmt.Sprintf("%s.%d", path, len(t.seconds))); err != nil {
			return err
		}
	}
	if c.files || t.makes != "" {
		syscall.Sync() // so that earlier writes do not count
	}
	start := time.Now()
	for range max(1, c.again) {
		if err := c.once(t, input, dir, out); err != nil {
			return err
		}
	}
	t.seconds = append(t.seconds, time.Since(start).Seconds()/float64(max(1, c.again)))
	if c.files {
		out = filepath.Join(dir, "a")
	}
	return t.look(out)
}

func (c *contest) once(t *tool, input, dir, out string) error {
	cmd := exec.Command(t.args[0], t.args[1:]...)
	cmd.Dir = dir
	cmd.Stderr = os.Stderr
	if !c.empty {
		in, err := os.Open(input)
		if err != nil {
			return err
		}
		defer in.Close()
		cmd.Stdin = in
	}
	f, err := os.Create(out)
	if err != nil {
		return err
	}
	defer f.Close()
	cmd.Stdout = f
	if err := cmd.Run(); err != nil {
		return err
	}
	t.peak = max(t.peak, cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss<<10)
	return nil
}

// look counts and hashes the lines of the output.
func (t *tool) look(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	h := sha256.New()
	counter := lineCounter(0)
	if _, err := io.Copy(io.MultiWriter(h, &counter), f); err != nil {
		return err
	}
	t.lines = int(counter)
	h.Sum(t.hash[:0])
	return nil
}

type lineCounter int

func (c *lineCounter) Write(p []byte) (int, error) {
	*c += lineCounter(strings.Count(string(p), "\n"))
	return len(p), nil
}

func (c *contest) print() {
	first := &c.tools[0]
	for i := range c.tools {
		t := &c.tools[i]
		lines := fmt.Sprint(t.lines)
		switch {
		case t == first || strings.HasPrefix(t.name, "auditctl"), t.name == "wc -l", c.empty, c.log != "", c.title == "show", c.title == "redaction":
		case t.hash == first.hash:
			lines = "the same"
		case t.lines == first.lines:
			lines = "as many, spelled differently"
		default:
			lines = fmt.Sprintf("others: %d", t.lines)
		}
		speed := ""
		if c.again == 0 && c.title != "JetStream, one node" {
			speed = fmt.Sprintf("%.0f", float64(c.size)/1e6/t.median())
		}
		fmt.Printf("| %s | `%s` | %.4f | %s | %.2f | %d | %s |\n",
			c.title, t.name, t.median(), speed, t.median()/first.median(), t.peak>>20, lines)
	}
}

func (t *tool) median() float64 {
	sorted := slices.Sorted(slices.Values(t.seconds))
	return sorted[len(sorted)/2]
}
