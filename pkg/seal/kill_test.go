package seal_test

import (
	"bufio"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"auditctl/pkg/internal/osfile"
	"auditctl/pkg/seal"
)

// Environment variables that make the test binary append to a log and seal it.
const (
	sealPath  = "AUDITCTL_TEST_SEAL_PATH"
	sealKey   = "AUDITCTL_TEST_SEAL_KEY"
	sealTimes = "AUDITCTL_TEST_SEAL_TIMES"
	eraseFrom = "AUDITCTL_TEST_ERASE_FROM" // erases lines instead, beginning with this one
)

func TestMain(m *testing.M) {
	if path := os.Getenv(sealPath); path != "" {
		do := appendAndSeal
		times := os.Getenv(sealTimes)
		if from := os.Getenv(eraseFrom); from != "" {
			do, times = eraseEach, from
		}
		if err := do(path, os.Getenv(sealKey), times); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// appendAndSeal appends to a log and seals it, several times.
func appendAndSeal(path, secret, times string) error {
	n, err := strconv.Atoi(times)
	if err != nil {
		return err
	}
	key, err := seal.ParseKey(secret)
	if err != nil {
		return err
	}
	log, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer log.Close()
	for i := range n {
		if _, err := log.WriteString(numbered(i, rand.IntN(200))); err != nil {
			return err
		}
		fmt.Println("sealing")
		if _, err := (seal.Log{Path: path}).Seal(context.Background(), key, seal.Options{}); err != nil {
			return err
		}
	}
	return nil
}

// eraseEach erases one line after another.
func eraseEach(path, secret, from string) error {
	first, err := strconv.ParseInt(from, 10, 64)
	if err != nil {
		return err
	}
	key, err := seal.ParseKey(secret)
	if err != nil {
		return err
	}
	for line := first; ; line++ {
		fmt.Println("erasing")
		o := seal.EraseOptions{Lines: seal.LinesOf(seal.LineRange{First: line, Last: line}), Reason: "asked for", Time: erasedAt, Offline: !osfile.Leases}
		if _, err := (seal.Log{Path: path}).Erase(context.Background(), key, o); err != nil {
			return err
		}
	}
}

// Whenever an erasure is killed, the log is before it or after it, and verifies.
func TestEraseKilled(t *testing.T) {
	secret, verifier, err := seal.GenerateKey("example.com/audit")
	if err != nil {
		t.Fatal(err)
	}
	key := parseKeys(t, secret, verifier)
	text := numbered(0, 5000)
	l := newLog(t, text)
	mustSeal(t, l, key)
	rounds := 15
	if testing.Short() {
		rounds = 3
	}
	next := int64(1)
	for range rounds {
		cmd := sealingProcess(t, l, secret, 0)
		cmd.Env = append(cmd.Env, eraseFrom+"="+strconv.FormatInt(next, 10))
		runAndKill(t, cmd, 5, 5*time.Millisecond)
		r := verify(t, l, seal.VerifyOptions{Verifier: key.Verifier})
		erased, listed := r.Erased(), r.Erased()+r.StillThere.Count()
		if r.Verdict != seal.Intact || listed-erased > 1 {
			t.Fatalf("%+v", r)
		}
		if got := read(t, l.Path); erased > 0 && got != withErased(t, text, fmt.Sprint("1-", erased)) {
			t.Fatalf("%d lines are erased, and the log is %s", erased, got)
		}
		next = listed + 1
	}
	mustErase(t, l, key, erasing(t, ""))
	if r := verify(t, l, seal.VerifyOptions{Verifier: key.Verifier}); r.Erased() != next-1 {
		t.Errorf("%d lines were erased: %+v", next-1, r)
	}
}

// sealingProcess returns a process that appends to a log and seals it.
func sealingProcess(t *testing.T, l seal.Log, secret string, times int) *exec.Cmd {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary)
	cmd.Env = append(os.Environ(), sealPath+"="+l.Path, sealKey+"="+secret, sealTimes+"="+strconv.Itoa(times))
	cmd.Stderr = os.Stderr
	return cmd
}

// runAndKill starts a process, and kills it at a random time after one of the first lines that
// it prints.
func runAndKill(t *testing.T, cmd *exec.Cmd, lines int, within time.Duration) {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	says := bufio.NewScanner(out)
	for range 1 + rand.IntN(lines) {
		if !says.Scan() {
			t.Fatalf("ended: %v", cmd.Wait())
		}
	}
	time.Sleep(rand.N(within))
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
}

// Whenever a seal is killed, the next one continues, and all checkpoints ever signed are
// consistent.
func TestKilled(t *testing.T) {
	secret, verifier, err := seal.GenerateKey("example.com/audit")
	if err != nil {
		t.Fatal(err)
	}
	key := parseKeys(t, secret, verifier)
	l := seal.Log{Path: filepath.Join(t.TempDir(), "audit.jsonl")}
	write(t, l.Path, "")
	rounds := 30 // a multiple of three, so that the last one is completed
	if testing.Short() {
		rounds = 6
	}
	for round := range rounds {
		cmd := sealingProcess(t, l, secret, math.MaxInt)
		runAndKill(t, cmd, 3, 15*time.Millisecond) // a seal takes some milliseconds
		if round%3 < 2 {
			continue // the next process has to continue
		}
		if goesOn(t, l, key); t.Failed() {
			return
		}
	}
	if r := verify(t, l, seal.VerifyOptions{Verifier: key.Verifier}); r.Lines == 0 {
		t.Error("nothing was ever sealed")
	}
}
