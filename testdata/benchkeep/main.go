// Benchkeep passes the output of go test -bench on, and keeps it in a page of Markdown: the
// medians in tables, and the lines as they are, which benchstat reads out of the page.
//
//	go test -run '^$' -bench . -benchmem -count 6 ./... | benchkeep docs/benchmarks.md
package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: benchkeep PAGE")
	}
	r, err := read(io.TeeReader(os.Stdin, os.Stdout))
	if err != nil {
		log.Fatal(err)
	}
	commit, err := exec.Command("git", "describe", "--always", "--dirty").Output()
	if err != nil {
		log.Fatal("git describe: ", err)
	}
	var page strings.Builder
	fmt.Fprintf(&page, `# Benchmarks

What `+"`make bench`"+` measured, and wrote here. Of several runs these are the medians. To see
what has changed since a commit, run it again and compare:

    git show COMMIT:docs/benchmarks.md > bin/before
    go run golang.org/x/perf/cmd/benchstat@latest bin/before docs/benchmarks.md

| commit | date | Go | machine |
|---|---|---|---|
| %s | %s | %s | %s, %d processors, %s/%s |
`, strings.TrimSpace(string(commit)), time.Now().UTC().Format(time.DateOnly), strings.TrimPrefix(runtime.Version(), "go"),
		cmp.Or(strings.TrimSpace(r.cpu), "?"), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH)
	r.write(&page)
	if err := os.WriteFile(os.Args[1], []byte(page.String()), 0o666); err != nil {
		log.Fatal(err)
	}
}

// A result is what benchmarks measured.
type result struct {
	cpu      string
	packages []*benched
	raw      []string // lines for benchstat
}

// A benched is a package with benchmarks.
type benched struct {
	name       string
	units      []string
	benchmarks []*benchmark
}

type benchmark struct {
	name   string
	values map[string][]float64 // by unit, one for each run
}

// read reads the output of go test -bench. It is an error if a test failed.
func read(src io.Reader) (*result, error) {
	r := &result{}
	failed := false
	lines := bufio.NewScanner(src)
	for lines.Scan() {
		line := lines.Text()
		key, value, _ := strings.Cut(line, ": ")
		switch {
		case key == "pkg":
			r.packages = append(r.packages, &benched{name: value})
			r.raw = append(r.raw, line)
		case key == "cpu":
			r.cpu = value
		case strings.HasPrefix(line, "Benchmark") && len(r.packages) > 0:
			if r.packages[len(r.packages)-1].add(strings.Fields(line)) {
				r.raw = append(r.raw, line)
			}
		case strings.HasPrefix(line, "FAIL"), strings.HasPrefix(line, "--- FAIL"), strings.HasPrefix(line, "panic: "):
			failed = true
		}
	}
	if failed {
		return nil, fmt.Errorf("a benchmark failed: nothing is kept")
	}
	return r, lines.Err()
}

// add adds a run of a benchmark: its name, the number of iterations, and values with their
// units. It reports whether there are values.
func (p *benched) add(fields []string) bool {
	if len(fields) < 4 {
		return false
	}
	name := strings.TrimSuffix(strings.TrimPrefix(fields[0], "Benchmark"), fmt.Sprint("-", runtime.GOMAXPROCS(0)))
	i := slices.IndexFunc(p.benchmarks, func(b *benchmark) bool { return b.name == name })
	if i < 0 {
		i = len(p.benchmarks)
		p.benchmarks = append(p.benchmarks, &benchmark{name, map[string][]float64{}})
	}
	for at := 2; at+1 < len(fields); at += 2 {
		value, err := strconv.ParseFloat(fields[at], 64)
		if err != nil {
			return false
		}
		unit := fields[at+1]
		if !slices.Contains(p.units, unit) {
			p.units = append(p.units, unit)
		}
		p.benchmarks[i].values[unit] = append(p.benchmarks[i].values[unit], value)
	}
	return true
}

// write writes a table for each package, and the lines for benchstat.
func (r *result) write(page *strings.Builder) {
	for _, p := range r.packages {
		if len(p.benchmarks) == 0 {
			continue
		}
		fmt.Fprintf(page, "\n## %s\n\n| benchmark | %s |\n|---|%s\n", strings.TrimPrefix(p.name, "auditctl/"), strings.Join(p.units, " | "), strings.Repeat("---:|", len(p.units)))
		for _, b := range p.benchmarks {
			fmt.Fprintf(page, "| %s |", strings.ReplaceAll(b.name, "|", `\|`))
			for _, unit := range p.units {
				fmt.Fprintf(page, " %s |", median(b.values[unit]))
			}
			page.WriteByte('\n')
		}
	}
	fmt.Fprintf(page, "\n<details><summary>All runs, for benchstat</summary>\n\n```text\n%s\n```\n\n</details>\n", strings.Join(r.raw, "\n"))
}

// median returns the median of values, in as many digits as matter; nothing of none.
func median(values []float64) string {
	if len(values) == 0 {
		return ""
	}
	slices.Sort(values)
	m := values[len(values)/2]
	if m < 100 {
		return strconv.FormatFloat(m, 'g', 3, 64)
	}
	return strconv.FormatFloat(m, 'f', 0, 64)
}
