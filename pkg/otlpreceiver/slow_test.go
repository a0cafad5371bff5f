package otlpreceiver_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"auditctl/pkg/otlpreceiver"
)

// A pipeListener accepts the one end of a pipe.
type pipeListener struct{ conns chan net.Conn }

func (l pipeListener) Accept() (net.Conn, error) {
	if c, ok := <-l.conns; ok {
		return c, nil
	}
	return nil, net.ErrClosed
}
func (l pipeListener) Close() error   { return nil }
func (l pipeListener) Addr() net.Addr { return &net.TCPAddr{} }

// A sender that takes too long is cut off, and one that is slow, but not that slow, is not.
func TestSlowSenders(t *testing.T) {
	t.Parallel()
	const head = "POST /v1/logs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1048576\r\n\r\n"
	body := jsonLogs + strings.Repeat(" ", 1<<20-len(jsonLogs))
	for name, test := range map[string]struct {
		parts  []string // a second apart
		answer string   // "" is none
	}{
		"nothing":       {nil, ""},
		"a slow header": {strings.Split(head[:40], ""), "400"},
		"no body":       {[]string{head}, "503"},
		"a slow body":   {append([]string{head}, strings.SplitAfter(body, " ")...)[:50], "503"},
		"a short one":   {append([]string{strings.Replace(head, "1048576", "1000", 1)}, strings.SplitAfter(body, " ")...)[:50], "503"},
		"a refused one": {append([]string{strings.Replace(strings.Replace(head, "1048576", "1000", 1), "logs", "none", 1)}, strings.SplitAfter(body, " ")...)[:50], "404"},
		"32 KiB/s":      {[]string{head + body[:64<<10], body[64<<10 : 256<<10], "", "", "", "", "", "", "", "", body[256<<10:]}, "200"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := otlpreceiver.New(nil)
				l := pipeListener{make(chan net.Conn, 1)}
				theirs, ours := net.Pipe()
				l.conns <- theirs
				go r.Serve(l, nil)
				ctx, cancel := context.WithCancel(t.Context())
				go func() {
					for {
						q, err := r.Next(ctx)
						if err != nil {
							return
						}
						q.Accept()
					}
				}()
				go func() {
					for _, part := range test.parts {
						if _, err := io.WriteString(ours, part); err != nil {
							return
						}
						time.Sleep(time.Second)
					}
				}()
				status := ""
				if answer, err := http.ReadResponse(bufio.NewReader(ours), nil); err == nil {
					status = answer.Status[:3]
				}
				if status != test.answer {
					t.Errorf("status %q, want %q", status, test.answer)
				}
				ours.Close()
				close(l.conns)
				cancel()
				r.Shutdown(context.Background())
				time.Sleep(time.Hour) // whatever still waits for a time
			})
		})
	}
}
