// Bencharm64 counts the instructions for each byte that benchmarks take on arm64, in qemu. They
// are those of a binary of go test -c.
//
//	bencharm64 [-qemu PROGRAM] FILE.test NAME…
package main

import (
	"bufio"
	"bytes"
	"debug/elf"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// passes are how many a benchmark makes more in the second run than in the first, which
// also has what there is to do once.
const passes = 4

var (
	// counted are the functions whose instructions count: ours, and what they call. The
	// runtime's own work differs from run to run.
	counted = []string{"auditctl/", "internal/bytealg.", "runtime.mem"}

	result = regexp.MustCompile(`(?m)^Benchmark(\S+)\s+\d+\s+(\S+) ns/op\s+(\S+) MB/s`)

	qemu = flag.String("qemu", "qemu-aarch64", "the emulator")
)

func main() {
	log.SetFlags(0)
	flag.Parse()
	if flag.NArg() < 2 {
		log.Fatal("usage: bencharm64 [-qemu PROGRAM] FILE.test NAME…")
	}
	for _, name := range flag.Args()[1:] {
		found := result.FindAllStringSubmatch(results(name), -1)
		if found == nil {
			log.Fatalf("no results of benchmark %s", name)
		}
		for _, r := range found {
			ns, _ := strconv.ParseFloat(r[2], 64)
			speed, _ := strconv.ParseFloat(r[3], 64)
			size := ns * speed / 1000
			n := instructions(r[1], 2+passes) - instructions(r[1], 2)
			fmt.Printf("%-24s %6.2f\n", r[1], float64(n)/passes/size)
		}
	}
}

// command runs a benchmark so many times.
func command(name string, times int, options ...string) *exec.Cmd {
	pattern := "^Benchmark" + strings.ReplaceAll(name, "/", "$/^") + "$"
	cmd := exec.Command(*qemu, append(options, flag.Arg(0),
		"-test.run=^$", "-test.bench="+pattern, fmt.Sprintf("-test.benchtime=%dx", times))...)
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1", "GOGC=off")
	return cmd
}

// results returns what a benchmark prints.
func results(name string) string {
	output, err := command(name, 100).Output()
	if err != nil {
		log.Fatal(err)
	}
	return string(output)
}

// instructions returns how many a benchmark takes that runs so many times. Qemu writes a line
// for each instruction.
func instructions(name string, times int) (n int) {
	cmd := command(name, times, "-singlestep", "-d", "exec,nochain", "-dfilter", addresses())
	trace, err := cmd.StderrPipe()
	if err != nil {
		log.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		log.Fatal(err)
	}
	for lines := bufio.NewScanner(trace); lines.Scan(); {
		if bytes.HasPrefix(lines.Bytes(), []byte("Trace ")) {
			n++
		}
	}
	if err := cmd.Wait(); err != nil {
		log.Fatal(err)
	}
	return n
}

// addresses returns the ranges of the functions that count.
func addresses() string {
	file, err := elf.Open(flag.Arg(0))
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close()
	symbols, err := file.Symbols()
	if err != nil {
		log.Fatal(err)
	}
	var ranges []string
	for _, s := range symbols {
		if s.Size > 0 && slices.ContainsFunc(counted, func(prefix string) bool { return strings.HasPrefix(s.Name, prefix) }) {
			ranges = append(ranges, fmt.Sprintf("%#x+%#x", s.Value, s.Size))
		}
	}
	return strings.Join(ranges, ",")
}
