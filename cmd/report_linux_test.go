package cmd_test

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"auditctl/cmd"
)

// A page is not written to a terminal.
func TestReportOnTerminal(t *testing.T) {
	t.Parallel()
	_, tty := openTerminal(t, 80)
	for _, args := range []string{"report", "report -o -", "report -o /dev/stdout"} {
		var said strings.Builder
		status := cmd.Run(t.Context(), strings.Fields(args), cmd.Streams{In: strings.NewReader(lineA), Out: tty, Err: &said})
		const want = "auditctl: a report is a page for a browser: add -o report.html; see 'auditctl report --help'\n"
		if status != 2 || said.String() != want {
			t.Errorf("%s: status %d, %q, want %q", args, status, said.String(), want)
		}
	}
}

// A run that is interrupted leaves no page, nor a part of one.
func TestReportInterrupted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in, feed := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		io.WriteString(feed, lineA)
		cancel()
		io.WriteString(feed, lineB) // nobody may read it any more
	}()
	defer in.Close()
	status := cmd.Run(ctx, []string{"report", "-o", filepath.Join(dir, "page.html")}, cmd.Streams{In: in, Out: io.Discard, Err: io.Discard})
	if status == 0 {
		t.Error("status 0")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("it left %v, %v", left, err)
	}
}
