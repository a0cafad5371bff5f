// Package generated makes large logs, always the same ones, for tests, benchmarks and
// make bench-peers.
package generated

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"auditctl/pkg/events"
)

// Log returns a function that returns the lines of an audit log, one after the other, each
// with its line feed. The log has the mix of types, the order of keys and both kinds of
// spacing of real logs, and some prompts and metadata that contain the text of other events.
func Log() func() []byte { return (&generator{rng: random(), now: start}).line }

// Transcript is like [Log], of sessions of Claude Code.
func Transcript() func() []byte { return (&transcript{rng: random(), now: start}).line }

func random() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

var start = time.Date(2026, 3, 9, 8, 0, 0, 0, time.UTC)

type generator struct {
	rng                  *rand.Rand
	now                  time.Time
	session, turn, agent string
}

// line returns the next line. One in ten is compact, without spaces.
func (g *generator) line() []byte {
	event, err := events.New(g.record())
	if err != nil {
		panic(err)
	}
	line := event.Line()
	if g.rng.IntN(10) == 0 {
		line = compact(line)
	}
	return append(line, '\n')
}

func compact(line []byte) []byte {
	var raw json.RawMessage = line
	b := &strings.Builder{}
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(raw); err != nil {
		panic(err)
	}
	return []byte(strings.TrimSuffix(b.String(), "\n"))
}

var (
	agents   = []string{"planner", "coder", "reviewer", "ops", "tracker"}
	tools    = []string{"grep", "read_file", "write_file", "shell_exec", "http_get", "open_issue", "sql_query"}
	regions  = []string{"eu-central-1", "us-east-1", "ap-south-1"}
	policies = []string{"default_policy", "operator_override", "team_policy"}
	words    = strings.Fields(`the agent reads a file and writes what it found into the
		report then asks for review of every change in the billing service before it
		rotates the password deploys to staging checks health retries webhooks and
		summarises errors grouped by customer region invoice total rounding größe 完了
		timeout connection refused {"ok":true} path/to/file.go line 42 — done`)
)

// record draws the next event: a quarter are tool_call_complete, one in two
// hundred is a tool_loop_block.
func (g *generator) record() events.Record {
	g.now = g.now.Add(time.Duration(g.rng.IntN(400_000)) * time.Microsecond)
	if g.session == "" || g.rng.IntN(200) == 0 {
		g.session = fmt.Sprintf("sess-%04x", g.rng.IntN(1<<16))
	}
	if g.turn == "" || g.rng.IntN(12) == 0 {
		g.turn = fmt.Sprintf("%012x", g.rng.Uint64()>>16)
		g.agent = agents[g.rng.IntN(len(agents))]
	}
	r := g.draw(g.rng.IntN(1000))
	e := events.EnvelopeOf(r)
	e.Timestamp, e.AgentID, e.SessionID, e.TurnID = g.now, g.agent, g.session, g.turn
	switch g.rng.IntN(20) {
	case 0:
		e.Metadata.Set("region", g.pick(regions))
		e.Metadata.Set("attempt", g.rng.IntN(5))
	case 1:
		e.Metadata.Set("event_type", "tool_loop_block") // nested: must not count
	}
	return r
}

func (g *generator) draw(n int) events.Record {
	switch {
	case n < 250:
		r := events.NewToolCallComplete()
		r.ToolName, r.DurationMS, r.ResultPreview = g.pick(tools), float64(g.rng.IntN(200_000))/1000, g.text(30)
		return r
	case n < 500:
		r := events.NewToolCallAttempt()
		r.ToolName, r.ArgumentsPreview = g.pick(tools), fmt.Sprintf(`{"path": "%s", "limit": %d}`, g.text(3), g.rng.IntN(100))
		return r
	case n < 740:
		r := events.NewToolPolicyDecision()
		r.ToolName, r.Action, r.PolicySource = g.pick(tools), "allow", g.pick(policies)
		return r
	case n < 820:
		r := events.NewTurnStart()
		r.PromptPreview = g.text(30)
		if g.rng.IntN(50) == 0 {
			r.PromptPreview = `Why is there "event_type": "tool_loop_block" in the log?`
		}
		return r
	case n < 900:
		r := events.NewTurnEnd()
		r.ContentPreview, r.FunctionCallsCount = g.text(30), int64(g.rng.IntN(9))
		return r
	case n < 940:
		r := events.NewSandboxDecision()
		r.ToolName, r.Context, r.Reason, r.BackendType = g.pick(tools), "untrusted_input", g.text(4), "docker"
		return r
	case n < 960:
		r := events.NewToolCallFailure()
		r.ToolName, r.ErrorType, r.ErrorMessage = g.pick(tools), "HTTPError", g.text(8)
		return r
	case n < 975:
		r := events.NewHookMutation()
		r.HookName, r.ToolName, r.MutatedField = "redact_secrets", g.pick(tools), "arguments"
		return r
	case n < 985:
		r := events.NewAgentSwitch()
		r.FromAgent, r.ToAgent, r.Reason = g.agent, g.pick(agents), g.text(6)
		return r
	case n < 990:
		r := events.NewError()
		r.ErrorType, r.ErrorMessage, r.ErrorContext = "TimeoutError", g.text(6), "during turn execution"
		return r
	case n < 995:
		r := events.NewToolLoopWarning()
		r.ToolName, r.Pattern, r.SeverityLevel, r.CallCount = g.pick(tools), "same_args_3x", "warning", 3
		return r
	default:
		r := events.NewToolLoopBlock()
		r.ToolName, r.Pattern, r.CallCount = g.pick(tools), "same_args_5x", 5
		return r
	}
}

func (g *generator) pick(from []string) string { return from[g.rng.IntN(len(from))] }

// text returns at most so many words, cut after 200 characters like previews.
func (g *generator) text(most int) string {
	n := 1 + g.rng.IntN(most)
	picked := make([]string, n)
	for i := range picked {
		picked[i] = g.pick(words)
	}
	return firstRunes(strings.Join(picked, " "), 200)
}

func firstRunes(text string, n int) string {
	if r := []rune(text); len(r) > n {
		return string(r[:n])
	}
	return text
}
