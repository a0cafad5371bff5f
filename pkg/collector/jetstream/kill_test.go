package jetstream_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"auditctl/pkg/collector/jetstream"
	"auditctl/pkg/events"
)

// copyEnv makes the test binary copy a file into a stream, to be killed.
const copyEnv = "AUDITCTL_TEST_COPY"

func TestMain(m *testing.M) {
	if config := os.Getenv(memberEnv); config != "" {
		if err := runMember(config); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(2)
	}
	if file := os.Getenv(copyEnv); file != "" {
		if err := copyFile(file, os.Getenv("ADDRESS"), os.Getenv("SPOOL")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// copyFile copies a file into a stream, as tee does.
func copyFile(file, address, spool string) error {
	a, err := jetstream.ParseAddress(address)
	if err != nil {
		return err
	}
	w, err := jetstream.Open(context.Background(), a, &jetstream.Options{Origin: file, Spool: spool, Stall: patience})
	if err != nil {
		return err
	}
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	r := events.NewReader(io.LimitReader(f, 1<<40))
	for {
		var b events.Block
		err := r.ReadBlock(&b)
		if err == io.EOF {
			return w.Close()
		}
		if err != nil {
			return err
		}
		for lines := b.Lines; len(lines) > 0; { // small batches, for more places to be killed
			n := min(8<<10, len(lines))
			for n < len(lines) && lines[n-1] != '\n' {
				n++
			}
			if err := w.EmitLines(lines[:n]); err != nil {
				return err
			}
			if err := w.Flush(); err != nil {
				return err
			}
			lines = lines[n:]
		}
	}
}

// writeLog writes a log to a new file.
func writeLog(t testing.TB, lines []string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "audit.jsonl")
	if err := os.WriteFile(path, []byte(joined(lines)), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// A process is killed and restarted many times. In the end every line is there once and in
// order.
func TestKilled(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		spool bool
		kills int
	}{
		{"direct", false, 12},
		{"spool", true, 12},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			n := startNode(t, nil)
			lines := numberedTo(manyEvents)
			file := writeLog(t, lines)
			spool := ""
			if test.spool {
				spool = filepath.Join(t.TempDir(), "spool")
			}
			rng := rand.New(rand.NewPCG(3, 4))
			killed := 0
			for {
				ctx, kill := context.WithCancel(t.Context())
				cmd := exec.CommandContext(ctx, os.Args[0])
				cmd.Env = append(os.Environ(), copyEnv+"="+file, "ADDRESS=nats://"+n.host()+"/AUDIT", "SPOOL="+spool)
				cmd.Stderr = os.Stderr
				if killed < test.kills {
					n.after(1000+rng.IntN(200<<10), kill)
				} else {
					n.after(1<<30, kill)
				}
				err := cmd.Run()
				stopped := ctx.Err() != nil
				kill()
				if err == nil && killed >= test.kills/2 {
					break
				}
				if err != nil && !stopped {
					t.Fatal(err)
				}
				killed++
			}
			sameLines(t, linesOf(readBack(t, n.address("AUDIT"))), lines)
		})
	}
}

var errEnough = errors.New("enough of it")
