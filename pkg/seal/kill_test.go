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

	"auditctl/pkg/seal"
)

// Environment variables that make the test binary append to a log and seal it.
const (
	sealPath  = "AUDITCTL_TEST_SEAL_PATH"
	sealKey   = "AUDITCTL_TEST_SEAL_KEY"
	sealTimes = "AUDITCTL_TEST_SEAL_TIMES"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(sealPath); path != "" {
		if err := appendAndSeal(path, os.Getenv(sealKey), os.Getenv(sealTimes)); err != nil {
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
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		says := bufio.NewScanner(out)
		for range 1 + rand.IntN(3) {
			if !says.Scan() {
				t.Fatalf("ended: %v", cmd.Wait())
			}
		}
		// Kill it at a random time: a seal takes some milliseconds.
		time.Sleep(rand.N(15 * time.Millisecond))
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		cmd.Wait()
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
