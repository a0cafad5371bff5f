package mcp_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"auditctl/pkg/dialect"
	"auditctl/pkg/events"
	"auditctl/pkg/mcp"
)

var update = flag.Bool("update", false, "write the events that conversations in testdata become")

var begin = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

// A conversation in testdata is lines that begin with > from the client or < from the
// server, a millisecond after one another; what comes before is for people.
func record(t *testing.T, opts mcp.Options, conversation string, piece int) string {
	t.Helper()
	var out bytes.Buffer
	r := mcp.New(opts, func(event []byte) {
		if _, err := events.Parse(bytes.TrimSuffix(event, []byte("\n"))); err != nil || event[len(event)-1] != '\n' {
			t.Errorf("%v: %q", err, event)
		}
		out.Write(event)
	})
	at := begin
	r.Started(at, "server --flag")
	for line := range strings.Lines(conversation) {
		from, text := mcp.Client, line
		switch line[0] {
		case '>':
		case '<':
			from = mcp.Server
		default:
			continue
		}
		at = at.Add(time.Millisecond)
		for text = text[2:]; len(text) > 0; text = text[min(piece, len(text)):] {
			r.Passed(from, at, []byte(text[:min(piece, len(text))]))
		}
	}
	r.Ended(at.Add(time.Second), "exit status 0")
	return out.String()
}

// What becomes of conversations, however they are cut into pieces.
func TestConversations(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		golden := strings.TrimSuffix(file, ".txt") + ".jsonl"
		for _, piece := range []int{1, 7, 1 << 20} {
			have := record(t, mcp.Options{Run: "0123456789ab"}, string(text), piece)
			if *update {
				if err := os.WriteFile(golden, []byte(have), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if have != string(want) {
				t.Errorf("%s in pieces of %d bytes:\n%s", file, piece, have)
			}
		}
	}
}

// A message of any size takes little memory, and its event says as much as others do.
func TestLargeMessages(t *testing.T) {
	const size, most = 64 << 20, 48 << 20
	var last string
	r := mcp.New(mcp.Options{Run: "r"}, func(event []byte) { last = string(event) })
	pass := func(from mcp.Side, text string) { r.Passed(from, begin, []byte(text)) }
	filler := bytes.Repeat([]byte("0123456789abcdef"), 4<<10)
	fill := func(from mcp.Side) {
		for range size / len(filler) {
			r.Passed(from, begin, filler)
		}
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)

	pass(mcp.Client, `{"jsonrpc":"2.0","params":{"arguments":{"text":"`)
	fill(mcp.Client)
	pass(mcp.Client, `"},"name":"write"},"method":"tools/call","id":"x"}`+"\n")
	if want := `"message_size": 671089`; !strings.Contains(last, want) ||
		!strings.HasSuffix(last, `"tool_name": "write", "arguments_preview": "{\"text\": \"`+string(filler[:190])+`"}`+"\n") {
		t.Errorf("have %s", last)
	}

	pass(mcp.Server, `{"jsonrpc":"2.0","id":"x","result":{"content":[{"type":"text","text":"`)
	fill(mcp.Server)
	pass(mcp.Server, `"}],"isError":true}}`) // and no line feed
	r.Closed(mcp.Server, begin)
	if want := `"error_type": "tool_error", "error_message": "` + string(filler[:200]) + `"}` + "\n"; !strings.HasSuffix(last, want) {
		t.Errorf("have %s", last)
	}

	pass(mcp.Client, "no message: ")
	fill(mcp.Client)
	pass(mcp.Client, "\n")
	if want := `"reason": "not a JSON object", "preview": "no message: ` + string(filler[:188]) + `"}` + "\n"; !strings.HasSuffix(last, want) {
		t.Errorf("have %s", last)
	}

	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > most {
		t.Errorf("3 messages of %d bytes took %d bytes", size, took)
	}
}

// A large message has passed when its last byte has.
func TestSlowMessage(t *testing.T) {
	var last string
	r := mcp.New(mcp.Options{Run: "r"}, func(event []byte) { last = string(event) })
	r.Passed(mcp.Client, begin, []byte(`{"id":1,"method":"tools/call","params":{"name":"t"}}`+"\n"))
	at := begin
	for _, piece := range []string{`{"id":1,"result":{"text":"`, strings.Repeat("x", 5<<20), `"}}`, "\n"} {
		at = at.Add(time.Second)
		r.Passed(mcp.Server, at, []byte(piece))
	}
	if !strings.Contains(last, `"duration_ms": 3000.0`) || !strings.Contains(last, `"timestamp": "2026-11-01T12:00:03+00:00"`) {
		t.Error(last)
	}
}

// Of calls that are never answered only so many are remembered, and it is said of the
// others that they are not.
func TestManyCalls(t *testing.T) {
	forgotten := 0
	var first string
	r := mcp.New(mcp.Options{Run: "r"}, func(event []byte) {
		if bytes.Contains(event, []byte(`"error_type": "unanswered"`)) {
			if forgotten++; forgotten == 1 {
				first = string(event)
			}
		}
	})
	for i := range dialect.MaxCalls + 10 {
		r.Passed(mcp.Client, begin, fmt.Appendf(nil, `{"id":%d,"method":"tools/call","params":{"name":"t"}}`+"\n", i))
	}
	if forgotten != 10 || !strings.Contains(first, `"call_id": "r:0"`) {
		t.Errorf("%d are forgotten, the first is %s", forgotten, first)
	}
	r.Ended(begin, "")
	if forgotten != dialect.MaxCalls+10 {
		t.Errorf("%d were not answered", forgotten)
	}
}

// What is not known of a list that is too large to be kept is not said to have changed.
func TestLargeListOfTools(t *testing.T) {
	list := `{"id":%d,"result":{"tools":[{"name":"a","description":"` + strings.Repeat("x", 5<<20) + `"},{"name":"b"}]}}` + "\n"
	var said []string
	r := mcp.New(mcp.Options{Run: "r"}, func(event []byte) {
		if bytes.HasPrefix(event, []byte(`{"event_type": "mcp.tools_`)) {
			e, _ := events.Parse(event)
			said = append(said, e.Type()+" "+e.Lookup("metadata").Lookup("tools").String())
		}
	})
	for id := range 2 {
		r.Passed(mcp.Client, begin, fmt.Appendf(nil, `{"id":%d,"method":"tools/list"}`+"\n", id))
		r.Passed(mcp.Server, begin, fmt.Appendf(nil, list, id))
	}
	if want := []string{`mcp.tools_offered ["a"]`}; !slices.Equal(said, want) {
		t.Errorf("%q, want %q", said, want)
	}
}

// What is said of tools does not depend on lists that are read at the same time, nor does it
// change if one name is there twice.
func TestListsOfTools(t *testing.T) {
	const pages = `> {"id":1,"method":"tools/list"}
< {"id":1,"result":{"tools":[{"name":"a"}],"nextCursor":"2"}}
> {"id":2,"method":"tools/list","params":{"cursor":"2"}}
< {"id":2,"result":{"tools":[{"name":"b"}]}}
`
	for name, test := range map[string]struct{ conversation, changed string }{
		"begun again": {`> {"id":3,"method":"tools/list"}
< {"id":3,"result":{"tools":[{"name":"a"}],"nextCursor":"2"}}
> {"id":4,"method":"tools/list","params":{"cursor":"2"}}
> {"id":5,"method":"tools/list"}
< {"id":4,"result":{"tools":[{"name":"b"}]}}
< {"id":5,"result":{"tools":[{"name":"a"},{"name":"b"}]}}
`, ""},
		"gone on with an older one": {`> {"id":3,"method":"tools/list"}
< {"id":3,"result":{"tools":[{"name":"a"}],"nextCursor":"3"}}
> {"id":4,"method":"tools/list"}
> {"id":5,"method":"tools/list","params":{"cursor":"3"}}
< {"id":5,"result":{"tools":[{"name":"b"}]}}
< {"id":4,"result":{"tools":[{"name":"a"},{"name":"b"}]}}
`, ""},
		"page of an older one": {`> {"id":3,"method":"tools/list"}
< {"id":3,"result":{"tools":[{"name":"a"}],"nextCursor":"3"}}
> {"id":4,"method":"tools/list","params":{"cursor":"0"}}
< {"id":4,"result":{"tools":[{"name":"a"}],"nextCursor":"1"}}
> {"id":5,"method":"tools/list","params":{"cursor":"3"}}
< {"id":5,"result":{"tools":[{"name":"b"}]}}
`, ""},
		"too large": {`> {"id":3,"method":"tools/list"}
< {"id":3,"result":{"tools":[{"name":"a","description":"` + strings.Repeat("x", 5<<20) + `"},{"name":"b"}]}}
`, ""},
		"removed": {`> {"id":3,"method":"tools/list"}
< {"id":3,"result":{"tools":[{"name":"b"}]}}
`, `"removed": ["a"]`},
		"twice": {`> {"id":3,"method":"tools/list"}
< {"id":3,"result":{"tools":[{"name":"a"},{"name":"b"},{"name":"a","description":"other"}]}}
> {"id":4,"method":"tools/list"}
< {"id":4,"result":{"tools":[{"name":"a"},{"name":"b"},{"name":"a","description":"other"}]}}
`, `"changed": ["a"]`},
	} {
		var changes []string
		for line := range strings.Lines(record(t, mcp.Options{Run: "r"}, pages+test.conversation, 1<<20)) {
			if strings.Contains(line, "mcp.tools_changed") {
				changes = append(changes, line)
			}
		}
		if have := strings.Join(changes, ""); len(changes) > 1 || len(changes) == 0 != (test.changed == "") || !strings.Contains(have, test.changed) {
			t.Errorf("%s: have %q, want %q", name, have, test.changed)
		}
	}
}

// How much is kept of calls that are open is limited as well, and what was answered is no
// longer kept.
func TestLargeIDs(t *testing.T) {
	forgotten := 0
	r := mcp.New(mcp.Options{Run: "r"}, func(event []byte) {
		if bytes.Contains(event, []byte(`"error_type": "unanswered"`)) {
			forgotten++
		}
	})
	filler := strings.Repeat("x", 900)
	call := func(i int) {
		r.Passed(mcp.Client, begin, fmt.Appendf(nil, `{"id":"%d%s","method":"tools/call","params":{"name":"t"}}`+"\n", i, filler))
	}
	const many = 7_000
	for i := range many {
		call(i)
		r.Passed(mcp.Server, begin, fmt.Appendf(nil, `{"id":"%d%s","result":{}}`+"\n", i, filler))
	}
	if forgotten > 0 {
		t.Errorf("%d were answered, but forgotten", forgotten)
	}
	for i := range many {
		call(i)
	}
	if forgotten == 0 {
		t.Errorf("%d are remembered", many)
	}
}

// What may come before a message does not count before a large one either, and the end of a
// task is no success if what was not kept may say otherwise.
func TestLargeAnswers(t *testing.T) {
	filler := strings.Repeat("x", 5<<20)
	have := record(t, mcp.Options{Run: "r"}, `> {"id":1,"method":"tools/call","params":{"name":"t"}}
< {"id":1,"result":{"resultType":"task","taskId":"T"}}
> {"id":2,"method":"tools/call","params":{"name":"u"}}
< `+"\ufeff"+`{"id":2,"result":{"content":[{"type":"text","text":"`+filler+`"}]}}
> {"id":3,"method":"tasks/get","params":{"taskId":"T"}}
< {"id":3,"result":{"taskId":"T","status":"completed","result":{"content":"`+filler+`"}}}
`, 1<<20)
	for _, want := range []string{`"tool_name": "u", "status": "success"`, `"tool_name": "t", "status": "ended"`} {
		if !strings.Contains(have, want) {
			t.Errorf("no %s in %s", want, have)
		}
	}
}

// Only so many tools are remembered.
func TestManyTools(t *testing.T) {
	var tools []string
	for i := range 20_000 {
		tools = append(tools, fmt.Sprintf(`{"name":"%d"}`, i))
	}
	have := record(t, mcp.Options{Run: "r"}, `> {"id":1,"method":"tools/list"}
< {"id":1,"result":{"tools":[`+strings.Join(tools, ",")+`]}}
`, 1<<20)
	if !strings.Contains(have, `"16383"`) || strings.Contains(have, `"16384"`) {
		t.Error("other than 16384 tools are remembered")
	}
}

// What a server says of an error is recorded, even if the error is not as it should be.
func TestOddErrors(t *testing.T) {
	for answer, want := range map[string]string{
		`{"id":1,"error":"no such tool"}`:                  `"error_type": "", "error_message": "no such tool"}`,
		`{"id":1,"error":{"code":-3,"data":{"why":"x"}}}`:  `"error_type": "-3", "error_message": "{\"code\": -3, \"data\": {\"why\": \"x\"}}"}`,
		`{"id":1,"error":{"code":"E","message":null}}`:     `"error_type": "E", "error_message": "{\"code\": \"E\", \"message\": null}"}`,
		`{"id":1,"error":{"code":"E","message":"really"}}`: `"error_type": "E", "error_message": "really"}`,
	} {
		have := record(t, mcp.Options{Run: "r"}, `> {"id":1,"method":"tools/call"}`+"\n< "+answer+"\n", 100)
		if !strings.Contains(have, want) {
			t.Errorf("%s: want %s", have, want)
		}
	}
}

// The ids and the name that are given are those of all events.
func TestOptions(t *testing.T) {
	opts := mcp.Options{Run: "r", Session: "s", Agent: "a", Turn: "t", Server: "mine"}
	text := record(t, opts, `> {"id":1,"method":"initialize"}
< {"id":1,"result":{"serverInfo":{"name":"its own"}}}
> {"id":2,"method":"tools/call","params":{"name":"x"}}
`, 100)
	want := `"agent_id": "a", "turn_id": "t", "session_id": "s", "severity": `
	if lines := strings.Count(text, "\n"); strings.Count(text, want) != lines || strings.Count(text, `"mcp.server.name": "mine"`) != lines {
		t.Error(text)
	}
	if !strings.Contains(text, `"call_id": "r:2"`) {
		t.Error(text)
	}
}

func TestUnrecorded(t *testing.T) {
	var have string
	r := mcp.New(mcp.Options{Run: "r"}, func(event []byte) { have = string(event) })
	r.Unrecorded(begin.Add(time.Second), 5, begin)
	if want := `"severity": "error", "metadata": {"source": {"dialect": "mcp"}}, "events": 5, "since": "2026-11-01T12:00:00+00:00"}` + "\n"; !strings.HasSuffix(have, want) {
		t.Errorf("%q, want %q", have, want)
	}
}

func ExampleRecorder() {
	r := mcp.New(mcp.Options{Run: "8f3c0a7b1d2e"}, func(event []byte) {
		e, _ := events.Parse(event)
		fmt.Println(e.Type(), e.Lookup("tool_name"), e.Lookup("metadata").Lookup("call_id"))
	})
	now := time.Now()
	r.Passed(mcp.Client, now, []byte(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"read"}}`+"\n"))
	r.Passed(mcp.Server, now, []byte(`{"jsonrpc":"2.0","id":1,"result":{"content":[]}}`+"\n"))
	// Output:
	// tool_call_attempt read 8f3c0a7b1d2e:1
	// tool_call_complete read 8f3c0a7b1d2e:1
}
