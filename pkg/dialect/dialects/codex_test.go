package dialects_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"auditctl/pkg/dialect/dialects"
	"auditctl/pkg/events"
)

// codexLine returns a line of a rollout.
func codexLine(kind, payload string) string {
	return fmt.Sprintf(`{"timestamp":"2026-03-09T08:15:00.000Z","type":%q,"payload":{%s}}`, kind, payload)
}

func item(payload string) string { return codexLine("response_item", payload) }
func msg(payload string) string  { return codexLine("event_msg", payload) }

func TestCodex(t *testing.T) {
	call := func(id, tool string) string {
		return item(fmt.Sprintf(`"type":"function_call","call_id":%q,"name":%q,"arguments":"{}"`, id, tool))
	}
	output := func(id, text string) string {
		return item(fmt.Sprintf(`"type":"function_call_output","call_id":%q,"output":%q`, id, text))
	}
	execEnd := func(id string, exit int, status string) string {
		return msg(fmt.Sprintf(`"type":"exec_command_end","call_id":%q,"command":["ls"],"exit_code":%d,"status":%q`, id, exit, status))
	}
	tokens := func(input, cached, output int) string {
		u := fmt.Sprintf(`{"input_tokens":%d,"cached_input_tokens":%d,"output_tokens":%d}`, input, cached, output)
		return msg(`"type":"token_count","info":{"total_token_usage":` + u + `,"last_token_usage":` + u + `}`)
	}
	started := func(turn string) string { return msg(fmt.Sprintf(`"type":"task_started","turn_id":%q`, turn)) }
	meta := func(id, more string) string { return codexLine("session_meta", fmt.Sprintf(`"id":%q%s`, id, more)) }
	const user = `"type":"user_message","message":"Hi"`
	tests := map[string]struct {
		lines []string
		want  string
	}{
		"the event, then the output": {
			[]string{call("a", "exec_command"), execEnd("a", 2, "failed"), output("a", "Chunk ID: 1\nProcess exited with code 2\nOutput:\n")},
			"tool_call_attempt exec_command call_id=a\ntool_call_failure exec_command exit_code call_id=a exit_code=2\ncodex.function_call_output call_id=a",
		},
		"the output, then the event": {
			[]string{call("a", "view"), output("a", "here"), execEnd("a", 2, "failed")},
			"tool_call_attempt view call_id=a\ntool_call_complete view ended call_id=a\ncodex.exec_command_end call_id=a exit_code=2 (error)",
		},
		"the output tells, then the event": {
			[]string{call("a", "shell_command"), output("a", "Exit code: 2\nWall time: 1 seconds\nOutput:\n"), execEnd("a", 2, "failed")},
			"tool_call_attempt shell_command call_id=a\ntool_call_failure shell_command exit_code call_id=a exit_code=2\ncodex.exec_command_end call_id=a exit_code=2",
		},
		"the end before the call": {
			[]string{execEnd("a", 0, "completed"), call("a", "shell"), output("a", "x")},
			"tool_call_attempt exec_command call_id=a\ntool_call_complete exec_command success call_id=a exit_code=0\ncodex.function_call call_id=a\ncodex.function_call_output call_id=a",
		},
		"an output without its call": {
			[]string{output("a", "Exit code: 1\nOutput:\n")},
			"tool_call_complete ended call_id=a",
		},
		"a text that another tool wrote": {
			[]string{call("a", "read"), output("a", "Exit code: 1\nWall time: 1 seconds\nOutput:\n")},
			"tool_call_attempt read call_id=a\ntool_call_complete read ended call_id=a",
		},
		"a text in the output of a command": {
			[]string{call("a", "shell"), output("a", "Report\nExit code: 1\n")},
			"tool_call_attempt shell call_id=a\ntool_call_complete shell ended call_id=a",
		},
		"a script": {
			[]string{call("a", "exec"), output("a", "Script failed\nWall time 0.2 seconds\nOutput:\n")},
			"tool_call_attempt exec call_id=a\ntool_call_failure exec script_failed call_id=a",
		},
		"an output that has success": {
			[]string{call("a", "read"), item(`"type":"function_call_output","call_id":"a","output":{"content":"no","success":false}`)},
			"tool_call_attempt read call_id=a\ntool_call_failure read tool_error call_id=a",
		},
		"parts": {
			[]string{call("a", "shell"), item(`"type":"function_call_output","call_id":"a","output":[{"type":"input_text","text":"Exit code: 0\nOutput:\n"}]`)},
			"tool_call_attempt shell call_id=a\ntool_call_complete shell success call_id=a exit_code=0",
		},
		"a duration that cannot be": {
			[]string{msg(`"type":"mcp_tool_call_end","call_id":"a","duration":{"secs":-1e308},"result":{"Ok":{}}`)},
			"tool_call_attempt call_id=a\ntool_call_complete success call_id=a",
		},
		"declined": {
			[]string{call("a", "exec_command"), msg(`"type":"exec_command_end","call_id":"a","exit_code":-1,"status":"declined","aggregated_output":"exec command rejected by user"`), output("a", "exec command rejected by user")},
			"tool_call_attempt exec_command call_id=a\ntool_policy_decision exec_command deny call_id=a decided_by=user\ncodex.function_call_output call_id=a",
		},
		"a search without an id, twice": {
			[]string{item(`"type":"web_search_call","status":"completed","action":{}`), item(`"type":"web_search_call","status":"completed","action":{}`)},
			"tool_call_attempt web_search\ntool_call_complete web_search success\ntool_call_attempt web_search\ntool_call_complete web_search success",
		},
		"a search that an event tells, too": {
			[]string{msg(`"type":"web_search_end","call_id":"w","query":"q"`), item(`"type":"web_search_call","id":"w","status":"completed"`), msg(`"type":"web_search_end","call_id":"v","query":"q"`), item(`"type":"web_search_call","status":"completed"`)},
			"tool_call_attempt web_search call_id=w\ntool_call_complete web_search success call_id=w\ncodex.web_search_call\ntool_call_attempt web_search call_id=v\ntool_call_complete web_search success call_id=v\ncodex.web_search_call",
		},
		"tokens repeated, full and begun again": {
			[]string{tokens(100, 40, 10), tokens(100, 40, 10), tokens(150, 80, 15), tokens(0, 0, 0), tokens(30, 0, 5)},
			"codex.token_count input_tokens=60 output_tokens=10 cache_read_tokens=40\ncodex.token_count\ncodex.token_count input_tokens=10 output_tokens=5 cache_read_tokens=40\ncodex.token_count\ncodex.token_count input_tokens=30 output_tokens=5",
		},
		"fewer tokens": {
			[]string{tokens(100, 0, 0), tokens(40, 0, 0)},
			"codex.token_count input_tokens=100\ncodex.token_count input_tokens=40",
		},
		"tokens of which the first count has more than the last answer's": {
			[]string{msg(`"type":"token_count","info":{"total_token_usage":{"output_tokens":9},"last_token_usage":{"output_tokens":2}}`)},
			"codex.token_count output_tokens=9",
		},
		"the same in a fork without a copy": {
			[]string{meta("two", `,"forked_from_id":"one"`), msg(`"type":"token_count","info":{"total_token_usage":{"output_tokens":9},"last_token_usage":{"output_tokens":2}}`)},
			"codex.session_meta\ncodex.token_count output_tokens=2",
		},
		"two messages in a turn": {
			[]string{started("1"), msg(user), msg(user), started("2"), msg(user)},
			"codex.task_started 1\nturn_start 1\ncodex.user_message 1\ncodex.task_started 2\nturn_start 2",
		},
		"turns without ids": {
			[]string{msg(user), call("a", "shell"), msg(user)},
			"turn_start\ntool_call_attempt shell call_id=a\nturn_start",
		},
		"a turn that ends twice": {
			[]string{started("1"), call("a", "shell"), msg(`"type":"turn_aborted","turn_id":"1"`), msg(`"type":"task_complete","turn_id":"1"`)},
			"codex.task_started 1\ntool_call_attempt 1 shell call_id=a\nturn_end 1 1\ncodex.task_complete 1",
		},
		"an agent that began another": {
			[]string{call("a", "spawn_agent"), output("a", `{"agent_id":"child","nickname":"Ada"}`), msg(`"type":"sub_agent_activity","kind":"started","agent_thread_id":"child"`)},
			"tool_call_attempt spawn_agent call_id=a\nagent_switch child call_id=a\ntool_call_complete spawn_agent ended call_id=a\ncodex.sub_agent_activity",
		},
		"a subagent": {
			[]string{meta("child", `,"source":{"subagent":{"thread_spawn":{"parent_thread_id":"root"}}}`), call("a", "shell")},
			"codex.session_meta child\ntool_call_attempt child shell call_id=a",
		},
		"unknown": {
			[]string{msg(`"type":"warp_engaged","input_tokens":7,"decision":"go"`), codexLine("hologram", `"a":1`), item(`"type":9`)},
			"codex.warp_engaged\ncodex.hologram\ncodex.record",
		},
		"none of Codex's": {[]string{`{"type":"user","message":{}}`}, "refused"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := brief(t, "codex", strings.Join(test.lines, "\n")); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

// A rollout that was forked begins with what the other one has, which happened only once.
func TestCodexFork(t *testing.T) {
	turn := func(id, total string) string {
		return strings.Join([]string{
			msg(`"type":"task_started","turn_id":"` + id + `"`),
			item(`"type":"function_call","call_id":"call-` + id + `","name":"shell","arguments":""`),
			msg(`"type":"token_count","info":{"total_token_usage":{"output_tokens":` + total + `}}`),
		}, "\n") + "\n"
	}
	first := codexLine("session_meta", `"id":"one"`) + "\n" + turn("1", "10")
	fork := codexLine("session_meta", `"id":"two","forked_from_id":"one"`) + "\n" + first + turn("2", "15")
	want := `codex.session_meta
codex.task_started 1
tool_call_attempt 1 shell call_id=call-1
codex.token_count 1 output_tokens=10
codex.session_meta
codex.session_meta
codex.task_started 1 copied=true
tool_call_attempt 1 shell call_id=call-1 copied=true
codex.token_count 1 copied=true
codex.task_started 2
tool_call_attempt 2 shell call_id=call-2
codex.token_count 2 output_tokens=5`
	if got := brief(t, "codex", first, fork); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := brief(t, "codex", first+fork); got != want {
		t.Errorf("in one log: got\n%s\nwant\n%s", got, want)
	}
}

// A codexTruth is what a generated rollout tells.
type codexTruth struct {
	attempts, completed, failed, tokens int
}

// generateCodex returns a rollout of calls that run at the same time, fail, never end, and
// are told of once or twice, with counts of tokens that are repeated.
func generateCodex(random *rand.Rand, calls int) (log []byte, truth codexTruth) {
	var lines []string
	add := func(line string) { lines = append(lines, line) }
	add(codexLine("session_meta", `"id":"s"`))
	type open struct {
		id   string
		fail bool
	}
	var running []open
	end := func() {
		i := random.IntN(len(running))
		call := running[i]
		running = append(running[:i], running[i+1:]...)
		exit := 0
		if call.fail {
			exit = 1 + random.IntN(100)
			truth.failed++
		} else {
			truth.completed++
		}
		event := msg(fmt.Sprintf(`"type":"exec_command_end","call_id":%q,"exit_code":%d,"duration":{"secs":1,"nanos":0},"status":%q`,
			call.id, exit, map[bool]string{true: "failed", false: "completed"}[call.fail]))
		output := item(fmt.Sprintf(`"type":"function_call_output","call_id":%q,"output":"Exit code: %d\nWall time: 1 seconds\nOutput:\nx"`, call.id, exit))
		switch random.IntN(3) {
		case 0:
			add(event)
			add(output)
		case 1:
			add(output)
			add(event)
		case 2:
			add(output)
		}
	}
	for i := range calls {
		id := fmt.Sprintf("call-%d", i)
		add(item(fmt.Sprintf(`"type":"function_call","call_id":%q,"name":"shell","arguments":"{}"`, id)))
		truth.attempts++
		if random.IntN(10) > 0 {
			running = append(running, open{id, random.IntN(4) == 0})
		}
		for len(running) > random.IntN(5) {
			end()
		}
		truth.tokens += random.IntN(3) * 7
		add(msg(fmt.Sprintf(`"type":"token_count","info":{"total_token_usage":{"output_tokens":%d}}`, truth.tokens)))
	}
	return []byte(strings.Join(lines, "\n") + "\n"), truth
}

func TestCodexTruth(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 20 {
		log, want := generateCodex(random, 100)
		decoded, _ := decode(t, dialects.Named("codex").Begin()(), log)
		var got codexTruth
		ends := map[string]int{}
		for line := range bytes.Lines(decoded) {
			e, err := events.Parse(line)
			if err != nil {
				t.Fatal(err)
			}
			switch e.Type() {
			case events.TypeToolCallAttempt:
				got.attempts++
			case events.TypeToolCallComplete:
				got.completed++
			case events.TypeToolCallFailure:
				got.failed++
			default:
				var n int
				fmt.Sscan(e.Lookup("metadata").Lookup("output_tokens").String(), &n)
				got.tokens += n
				continue
			}
			if e.Type() != events.TypeToolCallAttempt {
				ends[e.Lookup("metadata").Lookup("call_id").String()]++
			}
		}
		if got != want {
			t.Fatalf("got %+v, want %+v", got, want)
		}
		for id, n := range ends {
			if n > 1 {
				t.Fatalf("%s ended %d times", id, n)
			}
		}
	}
}
