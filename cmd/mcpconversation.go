package cmd

import (
	"context"
	"os"
	"slices"
	"strings"
	"time"

	"auditctl/cmd/internal/backlog"
	"auditctl/cmd/internal/fanout"
	"auditctl/cmd/internal/record"
	"auditctl/cmd/internal/relay"
	"auditctl/cmd/internal/report"
	"auditctl/pkg/mcp"
)

// A conversation is one between an MCP client and its server, as it is recorded.
type conversation struct {
	events  *mcp.Recorder
	waiting *backlog.Backlog
	to      *record.Recorder
	reports *report.Reporter

	ctx      context.Context // of the destinations
	giveUp   context.CancelFunc
	recorded chan struct{} // closed when all destinations are
}

var _ relay.Watcher = (*conversation)(nil)

// How long the end of a conversation waits for its destinations: until they are told to
// come to an end, for which they get grace, and then until they are left alone. They are
// variables for tests.
var (
	mcpPatience     = 800 * time.Millisecond
	mcpGrace        = 150 * time.Millisecond
	mcpLastPatience = 200 * time.Millisecond
)

// mcpSpoolTime is how long events wait for a destination before they wait in a spool.
const mcpSpoolTime = 300 * time.Millisecond

// newConversation returns a conversation, and an error only for wrong usage: without a
// destination it is not recorded, which is reported.
func (o *mcpOptions) newConversation(s Streams, reports *report.Reporter) (*conversation, error) {
	dests, routes, err := o.destinations("client", reports)
	if err != nil {
		return nil, err
	}
	opts := fanoutOptions(s, reports)
	opts.OnHangup, opts.Retry, opts.Grace = nil, true, mcpGrace
	if o.spool != "" {
		opts.SpoolAfter = mcpSpoolTime
	}
	redaction, err := o.redaction(reports)
	if err != nil {
		return nil, err
	}
	if err := o.recordOptions.apply(&opts, slices.Concat(dests, routes.Dests())); err != nil {
		return nil, err
	}
	to, err := record.New(opts, dests, routes)
	if err == nil {
		err = to.Check()
	}
	if err != nil {
		return nil, err
	}
	to.Redaction = redaction

	c := &conversation{to: to, reports: reports, recorded: make(chan struct{})}
	c.ctx, c.giveUp = context.WithCancel(context.Background())
	about := mcp.Options{
		Run:     newID(),
		Session: firstSet(EnvVar("SESSION_ID"), "CLAUDE_CODE_SESSION_ID"),
		Agent:   os.Getenv(EnvVar("AGENT_ID")),
		Turn:    os.Getenv(EnvVar("TURN_ID")),
		Server:  o.server,

		Unquoted: redaction != nil,
	}
	c.waiting = &backlog.Backlog{
		Send: c.send,
		Unrecorded: func(dst []byte, n int64, since time.Time) []byte {
			mcp.New(about, func(event []byte) { dst = append(dst, event...) }).Unrecorded(time.Now(), n, since)
			return dst
		},
	}
	c.events = mcp.New(about, c.waiting.Add)
	return c, nil
}

// firstSet returns the value of the first environment variable that has one.
func firstSet(variables ...string) string {
	for _, variable := range variables {
		if value := os.Getenv(variable); value != "" {
			return value
		}
	}
	return ""
}

// begin begins to record.
func (c *conversation) begin(command []string) {
	line := strings.Join(command, " ")
	if c.to.Redaction != nil { // before it is cut, perhaps within a secret
		line = string(c.to.Redaction.AppendText(nil, []byte(line)))
	}
	go func() {
		defer close(c.recorded)
		defer c.to.Close()
		if err := c.to.Open(c.ctx); err != nil {
			if isUsage(err) {
				c.reports.Errorf("nothing is recorded: %v", err)
			}
			return
		}
		c.waiting.Run()
	}()
	c.events.Started(time.Now(), line)
}

// send sends events to the destinations.
func (c *conversation) send(events []byte) error {
	err := c.to.Record(events)
	if err == fanout.ErrMissed {
		if c.to.Taking() > 0 {
			return backlog.ErrPartly
		}
		return backlog.ErrNowhere
	}
	return err
}

// Passes and Closed are called by the relay.
func (c *conversation) Passes(from relay.Side, p []byte) {
	c.events.Passed(sideOf(from), time.Now(), p)
}
func (c *conversation) Closed(from relay.Side) { c.events.Closed(sideOf(from), time.Now()) }

func sideOf(from relay.Side) mcp.Side {
	if from == relay.Program {
		return mcp.Server
	}
	return mcp.Client
}

// end records how the conversation ended, waits for the destinations a moment, and reports
// what went wrong.
func (c *conversation) end(how string, wrong error) {
	c.events.Ended(time.Now(), how)
	c.waiting.Close()
	done := closedWithin(c.recorded, mcpPatience)
	if !done {
		c.giveUp()
		done = closedWithin(c.recorded, mcpLastPatience)
	}
	reported := make(chan struct{}) // unless standard error takes nothing
	go func() {
		defer close(reported)
		if wrong != nil {
			c.reports.Errorf("%v", wrong)
		}
		if n := c.waiting.Missing(); n > 0 {
			c.reports.Errorf("%s could not be recorded", report.Counted(n, "event"))
		}
		if r := c.to.Redaction; r != nil && done {
			r.Say(c.reports)
		}
	}()
	closedWithin(reported, screenPatience)
}

// closedWithin waits until a channel is closed, and reports false if that takes too long.
func closedWithin(c <-chan struct{}, limit time.Duration) bool {
	select {
	case <-c:
		return true
	case <-time.After(limit):
		return false
	}
}
