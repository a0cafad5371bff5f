package generated

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// A transcript writes sessions as Claude Code does: several records for one answer, with
// the usage so far, progress between them, and the result of a tool call twice in its
// record, as the model reads it and as the program keeps it.
type transcript struct {
	rng *rand.Rand
	now time.Time

	session, parent string
	turns           int // left of the session
	queue           []string
}

func (t *transcript) line() []byte {
	for len(t.queue) == 0 {
		if t.turns == 0 {
			t.session, t.parent, t.turns = t.uuid(), "null", 5+t.rng.IntN(30)
		}
		t.turns--
		t.turn()
	}
	line := t.queue[0]
	t.queue = t.queue[1:]
	return append([]byte(line), '\n')
}

func (t *transcript) uuid() string {
	a, b := t.rng.Uint64(), t.rng.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>48&0xfff, b&0xffffffffffff)
}

func (t *transcript) id(prefix string) string {
	return fmt.Sprintf("%s_01%011x%011x", prefix, t.rng.Uint64()>>20, t.rng.Uint64()>>20)
}

func (t *transcript) pick(from []string) string { return from[t.rng.IntN(len(from))] }

// record queues a record; members are those of its type.
func (t *transcript) record(members string) (uuid string) {
	t.now = t.now.Add(time.Duration(1+t.rng.IntN(3000)) * time.Millisecond)
	uuid = t.uuid()
	t.queue = append(t.queue, fmt.Sprintf(`{"parentUuid":%s,"isSidechain":false,"userType":"external","cwd":"/home/ann/billing",`+
		`"sessionId":"%s","version":"2.1.38","gitBranch":"main","slug":"linked-soaring-lantern",%s,"uuid":"%s","timestamp":"%s"}`,
		t.parent, t.session, members, uuid, t.now.Format("2006-01-02T15:04:05.000Z")))
	t.parent = `"` + uuid + `"`
	return uuid
}

// turn queues a prompt and some answers, the last of which calls no tool.
func (t *transcript) turn() {
	uuid := t.uuid()
	t.queue = append(t.queue, fmt.Sprintf(`{"type":"file-history-snapshot","messageId":"%s","snapshot":{"messageId":"%s","trackedFileBackups":{},`+
		`"timestamp":"%s"},"isSnapshotUpdate":false}`, uuid, uuid, t.now.Format("2006-01-02T15:04:05.000Z")))
	start := t.now
	t.record(`"type":"user","message":{"role":"user","content":"` + t.prose(10+t.rng.IntN(60)) + `"},` +
		`"thinkingMetadata":{"maxThinkingTokens":31999},"todos":[],"permissionMode":"default"`)
	for range 2 + t.rng.IntN(12) {
		a := t.answer()
		if t.rng.IntN(2) == 0 {
			a.record(`{"type":"thinking","thinking":"` + t.prose(20+t.rng.IntN(80)) + `","signature":"` + t.signature() + `"}`)
		}
		if t.rng.IntN(2) == 0 {
			a.record(`{"type":"text","text":"` + t.prose(5+t.rng.IntN(40)) + `"}`)
		}
		for range 1 + t.rng.IntN(7)/5 {
			a.call()
		}
	}
	t.answer().record(`{"type":"text","text":"` + t.prose(30+t.rng.IntN(100)) + `"}`)
	t.record(fmt.Sprintf(`"type":"system","subtype":"turn_duration","durationMs":%d,"isMeta":false`, t.now.Sub(start).Milliseconds()))
}

// An answer is a message of the model.
type answer struct {
	*transcript
	message, request     string
	input, output, write int
	read                 int
}

func (t *transcript) answer() *answer {
	return &answer{transcript: t, message: t.id("msg"), request: t.id("req"),
		input: 1 + t.rng.IntN(9), write: t.rng.IntN(9000), read: 15_000 + t.rng.IntN(90_000)}
}

// record queues a block of the answer.
func (a *answer) record(block string) (uuid string) {
	a.output += 1 + a.rng.IntN(200)
	return a.transcript.record(fmt.Sprintf(`"message":{"model":"claude-opus-4-6","id":"%s","type":"message","role":"assistant","content":[%s],`+
		`"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":%d,"cache_creation_input_tokens":%d,"cache_read_input_tokens":%d,`+
		`"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":%d},"output_tokens":%d,"service_tier":"standard",`+
		`"inference_geo":"not_available"}},"requestId":"%s","type":"assistant"`,
		a.message, block, a.input, a.write, a.read, a.write, a.output, a.request))
}

// call queues a call of a tool and its result.
func (a *answer) call() {
	id := a.id("toolu")
	tool := a.pick([]string{"Bash", "Bash", "Read", "Read", "Edit", "Grep"})
	path := fmt.Sprintf("/home/ann/billing/pkg/%s/%s.go", a.pick(names), a.pick(names))
	input := `"command":"go test ./pkg/` + a.pick(names) + `/... 2>&1 | tail -40","description":"Run the tests"`
	switch tool {
	case "Read":
		input = `"file_path":"` + path + `"`
	case "Grep":
		input = `"pattern":"func .*` + a.pick(names) + `","path":"` + path + `","output_mode":"content"`
	case "Edit":
		input = `"replace_all":false,"file_path":"` + path + `","old_string":"` + a.code(2, 0) + `","new_string":"` + a.code(3, 0) + `"`
	}
	called := a.record(`{"type":"tool_use","id":"` + id + `","name":"` + tool + `","input":{` + input + `},"caller":{"type":"direct"}}`)
	a.transcript.record(`"type":"progress","data":{"type":"hook_progress","hookEvent":"PreToolUse","hookName":"PreToolUse:` + tool +
		`","command":"${CLAUDE_PLUGIN_ROOT}/scripts/check.sh"},"parentToolUseID":"` + id + `","toolUseID":"` + id + `"`)

	lines := 20 + a.rng.IntN(20+a.rng.IntN(380))
	seed := a.rng.Uint64()
	content := func(numbered int) string { // the same code each time
		again := &transcript{rng: rand.New(rand.NewPCG(seed, 0))}
		return again.code(lines, numbered)
	}
	text, failed, result := content(0), a.rng.IntN(20) == 0, ""
	switch {
	case failed:
		text = `Exit code 1\n` + text
		result = `"Error: ` + text + `"`
	case tool == "Read":
		text = content(1)
		result = fmt.Sprintf(`{"type":"text","file":{"filePath":"%s","content":"%s","numLines":%d,"startLine":1,"totalLines":%d}}`, path, content(0), lines, lines)
	default:
		result = `{"stdout":"` + text + `","stderr":"","interrupted":false,"isImage":false,"noOutputExpected":false}`
	}
	a.transcript.record(fmt.Sprintf(`"type":"user","message":{"role":"user","content":[{"tool_use_id":"%s","type":"tool_result","content":"%s","is_error":%v}]},`+
		`"toolUseResult":%s,"sourceToolAssistantUUID":"%s"`, id, text, failed, result, called))
}

func (t *transcript) prose(words int) string {
	picked := make([]string, words)
	for i := range picked {
		picked[i] = t.pick(prose)
	}
	return strings.Join(picked, " ")
}

// code returns lines of a program, numbered from first on unless that is 0.
func (t *transcript) code(lines, first int) string {
	var b strings.Builder
	for n := range lines {
		if first > 0 {
			fmt.Fprintf(&b, "%6d→", first+n)
		}
		text := t.pick(code)
		if strings.Contains(text, "NAME") {
			text = strings.ReplaceAll(text, "NAME", t.pick(names))
		}
		b.WriteString(text)
		b.WriteString(`\n`)
	}
	return b.String()
}

func (t *transcript) signature() string {
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	b := make([]byte, 200+t.rng.IntN(400))
	for i := range b {
		b[i] = digits[t.rng.IntN(len(digits))]
	}
	return string(b)
}

// Texts as they are spelled in a JSON string.
var (
	names = strings.Fields("invoice customer ledger webhook retry region total currency account export")
	prose = strings.Fields(`the tests pass now but the export still rounds twice so I will look at \"ledger.go\" first
		and run them again then\n\n change what the customer sees — größe and 完了 are as before\n let me check whether`)
	code = []string{
		``, ``,
		`package NAME`,
		`\tif err != nil {`,
		`\t\treturn nil, fmt.Errorf(\"NAME %q: %w\", name, err)`,
		`\t}`,
		`}`,
		`// NAMEOf returns the NAME that belongs to an id, or nil if there is none.`,
		`func (s *Server) NAMEOf(ctx context.Context, id string) (*NAME, error) {`,
		`\tNAME, err := s.store.Find(ctx, \"NAME\", id)`,
		`\tfor _, line := range strings.Split(text, \"\\n\") {`,
		`\t\ts.log.Info(\"NAME\", \"id\", id, \"path\", filepath.Join(dir, \"a\\\\b\"))`,
		`\t\tt.Errorf(\"have %v, want %v\", have, want) // größe`,
		`--- FAIL: TestNAME (0.02s)`,
		`    NAME_test.go:142: NAME = {\"id\": \"in_1\", \"total\": 12.5}, want {\"id\": \"in_1\", \"total\": 12.50}`,
		`ok  \tbilling/pkg/NAME\t0.412s`,
		`drwxr-xr-x  7 ann staff   224 May  4 09:12 NAME`,
	}
)
