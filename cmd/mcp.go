package cmd

import (
	"errors"
	"os"
	"syscall"

	"github.com/spf13/cobra"

	"auditctl/cmd/internal/relay"
	"auditctl/cmd/internal/report"
)

type mcpOptions struct {
	server string
	recordOptions
	redactOptions
}

func newMCPCmd(s Streams, asked arguments) *cobra.Command {
	o := &mcpOptions{}
	cmd := &cobra.Command{
		Use:        "mcp [-o DEST...] -- CMD [ARG...]",
		SuggestFor: []string{"proxy", "wrap", "spy"},
		Short:      "Record what an MCP client and its server say to each other",
		Long: `Run CMD, an MCP server that talks on standard input and output, and record what
passes between it and its client: calls of tools and their ends with durations,
which tools are offered and when their definitions change, resources, prompts,
what the server asks of the client, what is cancelled or never answered, and
text that is no message. All but calls are events mcp.METHOD, mcp.answer and so
on; 'go doc auditctl/pkg/mcp' lists them.

Without --output, events go to $AUDITCTL_LOG or else to auditctl/audit.jsonl in
$XDG_STATE_HOME (~/.local/state). A DEST is what tee takes, but for standard
output, which is the client's. Servers that run at once may have the same files.

Neither side notices. Bytes pass unchanged and at once, whatever they are;
standard error is that of CMD. If one side ends, or goes away, so does it for
the other one; on Linux, CMD is killed if auditctl is. SIGINT, SIGTERM, SIGHUP,
SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM and SIGWINCH are forwarded, unless the
terminal sends them to CMD as well. When CMD ends, what it wrote is passed on,
and the exit status is that of CMD, 128+n if signal n ended it, 127 if there is
no CMD, or 126 if it cannot be run. Wrong usage is status 2, and CMD does not
run.

Nothing waits for a DEST. One that fails or hangs is reported and tried again.
Up to 8 MiB of events wait for it; how many there was no room for is an event,
mcp.unrecorded, once there is. At the end, what is left is written for a second
at most. With --spool it waits in DIR for the next run, or tee.

The session id is AUDITCTL_SESSION_ID, CLAUDE_CODE_SESSION_ID or 12 hex digits,
made for each run; AUDITCTL_AGENT_ID and AUDITCTL_TURN_ID are those of agent and
turn. The call_id of a call is the client's own, if it tells it, or else these
digits, a colon and the id of its request.

` + redactHint,
		Example: `
# In a client's settings, instead of "command": "npx", "args": ["-y", "SERVER"]:
#   "command": "auditctl", "args": ["mcp", "--", "npx", "-y", "SERVER"]
echo '{"id": 1, "method": "tools/call", "params": {"name": "now"}}' | auditctl mcp -- cat

# Into a file, with the name by which the client knows the server
auditctl mcp -o audit.jsonl --server-name files -- cat < /dev/null

# Into a file, and to OpenTelemetry
auditctl mcp -o audit.jsonl -o otlp+http://localhost:4318 -- cat < /dev/null`,
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveDefault
		},
		RunE: func(_ *cobra.Command, command []string) error { return runMCP(s, o, command) },
	}
	if !asked.name(cmd.Name()) {
		return cmd
	}
	fs := cmd.Flags()
	fs.SetInterspersed(false)
	o.registerOutput(cmd)
	fs.StringVar(&o.server, "server-name", "", "the client's `NAME` for the server (default its own)")
	groupFlags(cmd, flagsForOutput)
	o.registerRoute(cmd)
	o.recordOptions.register(cmd)
	o.redactOptions.register(cmd, false)
	fs.Lookup("spool").Usage = "keep in `DIR` what a DEST does not take in 300ms, and deliver it first later"
	return cmd
}

func runMCP(s Streams, o *mcpOptions, command []string) error {
	if len(command) == 0 {
		return usagef("which server? Write its command after --")
	}
	reports := s.reporter()
	c, err := o.newConversation(s, reports)
	if err != nil {
		return err
	}
	signals := relay.CatchSignals()
	if s.forwarded != nil {
		s.forwarded.Store(true)
	}
	c.begin(command)
	server, err := relay.Start(command, os.Stderr, signals)
	if err != nil {
		start := new(relay.StartError)
		errors.As(err, &start)
		c.end("not started: "+err.Error(), err)
		return exitStatus(start.Status())
	}
	state, err := server.Run(s.In, s.Out, c)
	if err != nil {
		err = report.Named("write", "stdout", err)
	}
	c.end(state.String(), err)
	switch status, ok := state.Sys().(syscall.WaitStatus); {
	case ok && status.Signaled():
		return exitStatus(128 + int(status.Signal()))
	case state.ExitCode() != 0:
		return exitStatus(state.ExitCode())
	}
	return nil
}
