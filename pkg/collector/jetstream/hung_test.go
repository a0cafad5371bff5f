package jetstream_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"auditctl/pkg/collector/jetstream"
	"auditctl/pkg/internal/logtest"
)

// A hungServer is a server that accepts what it is sent, but stops responding at some
// point. It is reached through a pipe, so that tests can use synctest.
type hungServer struct{ at hang }

type hang int

const (
	atOnce    hang = iota
	connected      // it does not answer about streams
	opened         // it does not accept lines
)

func (s hungServer) Dial(string, string) (net.Conn, error) {
	client, conn := net.Pipe()
	go s.serve(conn)
	return client, nil
}

func (s hungServer) serve(conn net.Conn) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	if s.at > atOnce {
		fmt.Fprint(conn, `INFO {"version": "2.15.0", "proto": 1, "headers": true, "max_payload": 1048576}`+"\r\n")
	}
	pinged := false
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		words := strings.Fields(line)
		switch {
		case words[0] == "PING" && !pinged:
			pinged = true
			fmt.Fprint(conn, "PONG\r\n")
		case words[0] == "PUB" || words[0] == "HPUB":
			var size int
			fmt.Sscan(words[len(words)-1], &size)
			io.CopyN(io.Discard, in, int64(size)+2)
			if s.at == opened && strings.HasPrefix(words[1], "$JS.API.STREAM.INFO.") {
				const info = `{"config": {"name": "AUDIT", "subjects": ["audit.>"], "num_replicas": 1, "allow_atomic": true}, "state": {}}`
				fmt.Fprintf(conn, "MSG %s 1 %d\r\n%s\r\n", words[2], len(info), info)
			}
		}
	}
}

// Wherever a server hangs, it is waited for exactly as long as Stall says.
func TestHungServer(t *testing.T) {
	t.Parallel()
	for name, at := range map[string]hang{"at once": atOnce, "connected": connected, "opened": opened} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				defer time.Sleep(time.Minute) // until abandoned attempts have ended
				begun := time.Now()
				a := parseAddress(t, "nats://127.0.0.1,127.0.0.2/AUDIT").Through(hungServer{at})
				w, err := jetstream.Open(t.Context(), a, &jetstream.Options{Stall: 3 * time.Second})
				if at == opened {
					if err != nil {
						t.Fatal(err)
					}
					emit(t, w, numbered(0))
					err = w.Flush()
					defer w.Close()
				}
				if took := time.Since(begun); err == nil || !strings.Contains(err.Error(), "nothing taken for 3s: ") || took != 3*time.Second {
					t.Errorf("%v after %v", err, took)
				}
			})
		})
	}
}

// With a spool, Close waits for a server that hangs no longer than Stall says.
func TestHungServerWithSpool(t *testing.T) {
	t.Parallel()
	for name, at := range map[string]hang{"at once": atOnce, "connected": connected, "opened": opened} {
		for stall, want := range map[time.Duration]time.Duration{0: time.Second, 20 * time.Second: 20 * time.Second} {
			t.Run(name+" "+want.String(), func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				synctest.Test(t, func(t *testing.T) {
					defer time.Sleep(time.Minute)
					logged := new(warnings)
					a := parseAddress(t, "nats://127.0.0.1/AUDIT").Through(hungServer{at})
					w, err := jetstream.Open(t.Context(), a, &jetstream.Options{Spool: dir, Stall: stall, Logger: logtest.New(logged.add)})
					if err != nil {
						t.Fatal(err)
					}
					emit(t, w, numbered(0))
					flush(t, w)
					time.Sleep(time.Minute) // timeouts get longer and longer
					begun := time.Now()
					if err := w.Close(); err != nil {
						t.Error(err)
					}
					if took := time.Since(begun); took > want+500*time.Millisecond || took < want/2 {
						t.Errorf("it took %v, want %v", took, want)
					}
					if want := "lines are left in " + dir + " ("; !strings.Contains(logged.String(), want) {
						t.Errorf("logged %q, want %q", logged, want)
					}
					t.Log(logged)
				})
			})
		}
	}
}

// A context cancels a flush, even one that waits for another.
func TestHungServerCanceled(t *testing.T) {
	t.Parallel()
	for name, another := range map[string]bool{"alone": false, "after another": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				defer time.Sleep(time.Minute)
				a := parseAddress(t, "nats://127.0.0.1/AUDIT").Through(hungServer{opened})
				w, err := jetstream.Open(t.Context(), a, &jetstream.Options{Stall: time.Minute})
				if err != nil {
					t.Fatal(err)
				}
				defer w.Close()
				emit(t, w, numbered(0))
				if another {
					go w.Flush()
					synctest.Wait()
				}
				over := errors.New("over")
				for range 2 {
					ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, over)
					defer cancel()
					begun := time.Now()
					if err := w.FlushContext(ctx); err != over || time.Since(begun) != time.Second {
						t.Errorf("%v after %v, want %v after a second", err, time.Since(begun), over)
					}
				}
			})
		})
	}
}
