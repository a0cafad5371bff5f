//go:build unix

package spool_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"auditctl/pkg/spool"
)

// The test binary is also a program that sends lines, and prints each once it is sent or in
// the spool.
func TestMain(m *testing.M) {
	if dir := os.Getenv("SPOOL_TEST_DIR"); dir != "" {
		sendNumbers(dir, os.Getenv("SPOOL_TEST_NAME"))
	}
	os.Exit(m.Run())
}

// sendNumbers sends numbered lines to the file "log" in a directory, as long as there is
// one called "up".
func sendNumbers(dir, name string) {
	for n := 0; ; n++ {
		s, err := spool.Open(filepath.Join(dir, "spool"), func(format string, args ...any) { panic(fmt.Sprintf(format, args...)) })
		if err != nil {
			panic(err)
		}
		if _, err := s.Queue("log", "log").Send(context.Background(), fmt.Appendf(nil, "%s %06d\n", name, n), writeLog(dir)); err != nil {
			panic(err)
		}
		s.Close()
		fmt.Println(n)
	}
}

func writeLog(dir string) function {
	return func(_ context.Context, lines []byte) (int, error) {
		if _, err := os.Stat(filepath.Join(dir, "up")); err != nil {
			return 0, err
		}
		f, err := os.OpenFile(filepath.Join(dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return 0, err
		}
		defer f.Close()
		return f.Write(lines)
	}
}

// Many processes send lines while the destination comes and goes, and are killed. No line
// is lost that one of them was done with, and all come in order.
func TestKilled(t *testing.T) {
	t.Parallel()
	rounds := 12
	if testing.Short() {
		rounds = 3
	}
	const processes = 3
	dir := t.TempDir()
	up := filepath.Join(dir, "up")
	done := make(map[string]int) // how many lines of each process
	for round := range rounds {
		var mu sync.Mutex
		var running sync.WaitGroup
		for p := range processes {
			name := fmt.Sprintf("%d.%d", round, p)
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), "SPOOL_TEST_DIR="+dir, "SPOOL_TEST_NAME="+name)
			cmd.Stderr = os.Stderr
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			toKill := 1 + rand.IntN(30)
			running.Go(func() {
				defer cmd.Wait()
				defer cmd.Process.Kill()
				lines := bufio.NewScanner(out)
				for n := 1; lines.Scan(); n++ {
					mu.Lock()
					done[name] = n
					mu.Unlock()
					if n == toKill {
						time.AfterFunc(rand.N(time.Millisecond), func() { cmd.Process.Kill() })
					}
				}
			})
		}
		if round%2 == 0 {
			os.WriteFile(up, nil, 0o600)
		} else {
			os.Remove(up)
		}
		running.Wait()
	}
	if err := os.WriteFile(up, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := open(t, filepath.Join(dir, "spool")).Queue("log", "log").Drain(t.Context(), writeLog(dir)); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "log"))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	next, twice := make(map[string]int), 0
	for line := range strings.Lines(string(text)) {
		var name string
		var n int
		if _, err := fmt.Sscanf(line, "%s %d\n", &name, &n); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		switch {
		case n == next[name]:
			next[name]++
		case n < next[name]:
			twice++
		default:
			t.Fatalf("%q comes after %d", line, next[name]-1)
		}
	}
	for name, n := range done {
		if next[name] < n {
			t.Errorf("of process %s there are %d lines of %d", name, next[name], n)
		}
	}
	t.Logf("%d lines, and %d came twice", strings.Count(string(text), "\n")-twice, twice)
	if left, _ := filepath.Glob(filepath.Join(dir, "spool", "to-*.0*")); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}
