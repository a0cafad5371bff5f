package dialects_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// A claudeSession is a session of Claude Code that never was: its logs, and what is to be
// found in them.
type claudeSession struct {
	random *rand.Rand
	size   int // of a large result, in bytes
	logs   []*claudeLog
	now    time.Time
	ids    int

	calls  map[string]*claudeCall // by id
	turns  map[string]*claudeTurn // by id
	agents map[string]string      // which call started an agent
	tokens [4]int                 // input, output, cache read, cache write
}

type claudeLog struct {
	session string
	bytes.Buffer
}

type claudeCall struct {
	tool, turn, agent string
	at                time.Time
	end               string // the type of the event, "" if there is none
	detail            string // its status, error_type or decided_by
	ms                float64
}

type claudeTurn struct {
	calls  int
	answer string
	start  time.Time
	end    time.Time // zero if it has none
}

func newClaudeSession(seed uint64, size int) *claudeSession {
	return &claudeSession{
		random: rand.New(rand.NewPCG(seed, 14)), size: size, now: time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC),
		calls: map[string]*claudeCall{}, turns: map[string]*claudeTurn{}, agents: map[string]string{},
	}
}

func (s *claudeSession) id(kind string) string {
	s.ids++
	return fmt.Sprintf("%s-%06d", kind, s.ids)
}

func (s *claudeSession) chance(percent int) bool { return s.random.IntN(100) < percent }

// write writes the session's log and those of its agents.
func (s *claudeSession) write(turns int) {
	log := &claudeLog{session: s.id("session")}
	s.logs = append(s.logs, log)
	fmt.Fprintf(log, `{"type":"permission-mode","permissionMode":"default","sessionId":%q}`+"\n", log.session)
	a := &claudeAgent{claudeSession: s, log: log, promptIDs: s.chance(50)}
	for range turns {
		a.takeTurn()
	}
}

// fork copies what the session wrote into another one, which goes on by itself.
func (s *claudeSession) fork() {
	from := s.logs[0]
	log := &claudeLog{session: s.id("session")}
	log.WriteString(strings.ReplaceAll(from.String(), from.session, log.session))
	s.logs = append(s.logs, log)
	a := &claudeAgent{claudeSession: s, log: log, promptIDs: s.chance(50)}
	for range 2 {
		a.takeTurn()
	}
}

// A claudeAgent writes what an agent does.
type claudeAgent struct {
	*claudeSession
	log       *claudeLog
	name      string
	sidechain bool // a subagent of old versions, in the log of the main one
	promptIDs bool

	parent string // the last record
	turnID string
	turn   *claudeTurn
	last   time.Time // when it did something in its turn
}

// record writes a record, after up to three seconds, and sometimes twice.
func (a *claudeAgent) record(kind, members string, args ...any) (uuid string) {
	a.now = a.now.Add(time.Duration(1+a.random.IntN(3000)) * time.Millisecond)
	uuid = a.id("uuid")
	parent := "null"
	if a.parent != "" {
		parent = fmt.Sprintf("%q", a.parent)
	}
	var line strings.Builder
	fmt.Fprintf(&line, `{"parentUuid":%s,"isSidechain":%v,"userType":"external","cwd":"/srv","sessionId":%q,"version":"2.1.200",`,
		parent, a.name != "" || a.sidechain, a.log.session)
	if a.name != "" {
		fmt.Fprintf(&line, `"agentId":%q,`, a.name)
	}
	fmt.Fprintf(&line, `"type":%q,`+members, append([]any{kind}, args...)...)
	fmt.Fprintf(&line, `,"uuid":%q,"timestamp":%q}`+"\n", uuid, a.now.Format("2006-01-02T15:04:05.000Z"))
	a.log.WriteString(line.String())
	if a.chance(3) {
		a.log.WriteString(line.String())
	}
	a.parent = uuid
	return uuid
}

// noise sometimes writes a record that means nothing.
func (a *claudeAgent) noise() {
	switch a.random.IntN(20) {
	case 0:
		fmt.Fprintf(a.log, `{"type":"file-history-snapshot","messageId":%q,"snapshot":{},"isSnapshotUpdate":false}`+"\n", a.id("uuid"))
	case 1:
		fmt.Fprintf(a.log, `{"type":"queue-operation","operation":"enqueue","sessionId":%q,"content":"later"}`+"\n", a.log.session)
	case 2:
		a.record("progress", `"data":{"type":"hook_progress","message":{"id":"msg","usage":{"input_tokens":3}}},"toolUseID":"toolu"`)
	case 3:
		a.record("user", `"isMeta":true,"message":{"role":"user","content":"<system-reminder>"}`)
	case 4:
		a.record("attachment", `"attachment":{"type":"hook_success","stdout":"{}"}`)
	case 5:
		a.record("system", `"subtype":"informational","content":"news"`)
	}
}

// takeTurn writes a turn.
func (a *claudeAgent) takeTurn() {
	promptID := ""
	if a.promptIDs {
		promptID = a.id("prompt")
	}
	content := `"the prompt"`
	if a.chance(30) {
		content = `[{"type":"text","text":"<ide>"},{"type":"text","text":"the prompt"}]`
	}
	if promptID != "" {
		a.turnID = a.record("user", `"message":{"role":"user","content":`+content+`},"promptId":%q`, promptID)
		if a.name == "" && !a.sidechain {
			a.turnID = promptID
		}
	} else {
		a.turnID = a.record("user", `"message":{"role":"user","content":`+content+`}`)
	}
	if a.turn != nil && a.turn.end.IsZero() {
		a.turn.end = a.last
	}
	a.turn, a.last = &claudeTurn{start: a.now}, a.now
	a.turns[a.turnID] = a.turn
	for range 1 + a.random.IntN(4) {
		a.message()
		a.noise()
	}
	switch {
	case a.chance(20):
		a.record("user", `"message":{"role":"user","content":[{"type":"text","text":"[Request interrupted by user]"}]}`)
		a.last = a.now
	case a.chance(60) && a.name == "" && !a.sidechain:
		a.record("system", `"subtype":"turn_duration","durationMs":%d`, a.now.Sub(a.turn.start).Milliseconds())
		a.turn.end = a.now
	}
}

// message writes an answer: a record for each of its blocks, with the usage so far, and the
// results of its calls in any order.
func (a *claudeAgent) message() {
	id, open := a.id("msg"), []string(nil)
	usage, most := [4]int{a.random.IntN(50), 0, a.random.IntN(9000), a.random.IntN(900)}, [4]int{}
	for range 1 + a.random.IntN(5) {
		usage[1] += a.random.IntN(100)
		block, call := a.block()
		said := usage
		if a.chance(10) {
			said[1] = 0 // of an earlier moment
		}
		a.record("assistant", `"message":{"id":%q,"model":"claude-x","role":"assistant","content":[%s],`+
			`"usage":{"input_tokens":%d,"output_tokens":%d,"cache_read_input_tokens":%d,"cache_creation_input_tokens":%d}}`,
			id, block, said[0], said[1], said[2], said[3])
		for i, n := range said {
			a.tokens[i] += max(0, n-most[i])
			most[i] = max(most[i], n)
		}
		a.last = a.now
		if call != "" {
			a.calls[call].at = a.now
			open = append(open, call)
		}
		if len(open) > 1 && a.chance(30) { // one call ends before the next one begins
			a.result(open[0])
			open = open[1:]
		}
	}
	a.random.Shuffle(len(open), func(i, j int) { open[i], open[j] = open[j], open[i] })
	for _, call := range open {
		if !a.chance(5) {
			a.result(call)
		}
	}
}

// block returns a block of an answer, and its id if it is a call.
func (a *claudeAgent) block() (block, call string) {
	switch a.random.IntN(5) {
	case 0:
		return `{"type":"thinking","thinking":"hm","signature":"abc"}`, ""
	case 1:
		a.turn.answer = a.id("an answer \"") + strings.Repeat("é", a.random.IntN(100))
		return fmt.Sprintf(`{"type":"text","text":%q}`, a.turn.answer), ""
	}
	call = a.id("toolu")
	c := &claudeCall{tool: []string{"Bash", "Read", "Task", "mcp__a__b"}[a.random.IntN(4)], turn: a.turnID, agent: a.name}
	a.calls[call] = c
	a.turn.calls++
	return fmt.Sprintf(`{"type":"tool_use","id":%q,"name":%q,"input":{"command":%q,"n":[1,{}]}}`, call, c.tool, call), call
}

// result writes how a call ends. Before, an agent may work for it.
func (a *claudeAgent) result(id string) {
	c, outcome, ms := a.calls[id], "", -1
	if c.tool == "Task" && a.name == "" && !a.sidechain && a.chance(70) {
		outcome, ms = a.delegate(id)
	}
	text := "the result of " + id
	if a.chance(50) {
		text += strings.Repeat("\n    42→\tfor _, line := range lines {\n    43→\t\tfmt.Println(\"é\", line)", a.random.IntN(1+a.size/70))
	}
	c.end, c.detail, c.ms = "tool_call_complete", "success", float64(ms)
	failed, denied := false, ""
	switch n := a.random.IntN(20); {
	case outcome != "" || n < 8:
	case n < 10:
		c.ms = float64(a.random.IntN(9999))
		outcome = fmt.Sprintf(`{"stdout":%q,"durationMs":%v}`, text, c.ms)
	case n < 12:
		c.ms = float64(a.random.IntN(99)) * 125
		outcome = fmt.Sprintf(`{"results":[{"durationMs":3}],"durationSeconds":%v}`, c.ms/1000)
	case n == 12:
		c.detail = "interrupted"
		outcome = fmt.Sprintf(`{"stdout":%q,"interrupted":true}`, text)
	case n == 13:
		c.end, c.detail, text, failed = "tool_call_failure", "exit_code", "Exit code 1\n"+text, true
	case n == 14:
		c.end, c.detail, text, failed = "tool_call_failure", "tool_use_error", "<tool_use_error>"+text+"</tool_use_error>", true
	case n == 15:
		c.end, c.detail, failed = "tool_call_failure", "tool_error", true
		outcome = fmt.Sprintf("%q", "Error: "+text)
	case n == 16:
		c.end, c.detail, failed, denied = "tool_policy_decision", "user", true, "user-rejected"
	case n == 17:
		c.end, c.detail, failed = "tool_policy_decision", "user", true
		outcome = `"User rejected tool use"`
	case n == 18:
		c.end, c.detail, failed, denied = "tool_policy_decision", "config", true, "permission-rule"
	case n == 19:
		c.end, c.detail, failed = "tool_policy_decision", "user", true
		text = "The user doesn't want to proceed with this tool use. " + text
	}
	content := fmt.Sprintf("%q", text)
	if a.chance(30) {
		content = fmt.Sprintf(`[{"type":"text","text":%q},{"type":"image","source":{"data":"AAAA"}}]`, text)
	}
	members := fmt.Sprintf(`"message":{"role":"user","content":[{"tool_use_id":%q,"type":"tool_result","content":%s,"is_error":%v}]}`, id, content, failed)
	if outcome != "" {
		members += `,"toolUseResult":` + outcome
	}
	if denied != "" {
		members += fmt.Sprintf(`,"toolDenialKind":%q`, denied)
	}
	a.record("user", strings.ReplaceAll(members, "%", "%%"))
	a.last = a.now
	if c.ms < 0 {
		c.ms = float64(a.now.Sub(c.at).Milliseconds())
	}
}

// delegate lets another agent work for a call. It returns the call's toolUseResult, and the
// duration in it, -1 if there is none.
func (a *claudeAgent) delegate(call string) (toolUseResult string, ms int) {
	if a.chance(30) {
		old := &claudeAgent{claudeSession: a.claudeSession, log: a.log, sidechain: true, promptIDs: a.promptIDs}
		old.takeTurn()
		return `{"status":"completed","usage":{"input_tokens":99}}`, -1
	}
	agent := &claudeAgent{claudeSession: a.claudeSession, name: a.id("agent"), promptIDs: a.promptIDs}
	agent.log = &claudeLog{session: a.log.session}
	a.logs = append(a.logs, agent.log)
	a.agents[agent.name] = call
	for range a.random.IntN(3) {
		a.record("progress", `"data":{"type":"agent_progress","agentId":%q,"message":{"id":"msg","usage":{"input_tokens":3}}},"parentToolUseID":%q`, agent.name, call)
	}
	agent.takeTurn()
	ms = a.random.IntN(9999)
	return fmt.Sprintf(`{"status":"completed","agentId":%q,"totalDurationMs":%d,"usage":{"input_tokens":99}}`, agent.name, ms), ms
}
