package dialects_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"auditctl/pkg/dialect"
	"auditctl/pkg/dialect/dialects"
	"auditctl/pkg/dialect/table"
	"auditctl/pkg/events"
)

// decodeOne returns the event of a record, without what all have and without the keys of
// the envelope that are null, or else the error.
func decodeOne(t testing.TB, d *dialect.Dialect, record string) string {
	t.Helper()
	var s events.Scanner
	if err := s.Scan([]byte(record)); err != nil {
		t.Fatal(err)
	}
	line, err := d.Begin()().Decode(nil, dialect.Record{Scanner: &s, Line: 1})
	if err != nil {
		return err.Error()
	}
	areEvents(t, d, line)
	return strings.NewReplacer(
		`{"event_type": `, "", `, "timestamp": null`, "", `, "agent_id": null`, "", `, "turn_id": null`, "", `, "session_id": null`, "",
		`, "metadata": {"source": {"dialect": "`+d.Name+`", "line": 1}}`, "", `, "source": {"dialect": "`+d.Name+`", "line": 1}`, "",
		`, "severity": "info"`, "", "}\n", "",
	).Replace(string(line))
}

func TestParseKeys(t *testing.T) {
	for _, test := range []struct{ name, keys, record, want string }{
		{"inline", `type=.rule,timestamp=.at`, `{"rule":"r","at":"2026-03-09T08:15:00Z"}`, `"r", "timestamp": "2026-03-09T08:15:00+00:00"`},
		{"lines", "# mine\n\ntype = .rule # the rule\r\n  timestamp = .at\n", `{"rule":"r","at":"2026-03-09T08:15:00Z"}`, `"r", "timestamp": "2026-03-09T08:15:00+00:00"`},
		{"byte order mark", "\ufefftype=.rule", `{"rule":"r"}`, `"r"`},
		{"comma at the end", "type=.rule,\nagent_id=.who,", `{"rule":"r","who":"w"}`, `"r", "agent_id": "w"`},
		{"no keys are those of json", "", `{"event":"e","ts":1773044100,"level":"warn"}`, `"e", "timestamp": "2026-03-09T08:15:00+00:00", "severity": "warning", "level": "warn"`},
		{"its own keys come first", "agent_id=.who", `{"type":"e","who":"w","agent_id":"a"}`, `"e", "agent_id": "w", "metadata": {"agent_id": "a"}`},
		{"event_type is type", "event_type=.rule", `{"rule":"r"}`, `"r"`},
		{"its event_type", "type=.event_type", `{"event_type":"r"}`, `"r"`},
		{"without the type", "type=.rule.name", `{"type":"t"}`, `column 1: no rule.name`},
		{"the type is an object", "type=.rule", `{"rule":{}}`, `column 1: no rule`},
		{"a number is a type", "type=.rule", `{"rule":404}`, `"404", "rule": 404`},
		{"a long type", "type=.rule", `{"rule":"` + strings.Repeat("é", 121) + `"}`, `"` + strings.Repeat(`\u00e9`, 120) + `", "rule": "` + strings.Repeat(`\u00e9`, 121) + `"`},

		{"nested", "type=.a.b.c", `{"a":{"b":{"c":"x"}}}`, `"x", "a": {"b": {"c": "x"}}`},
		{"any key", `type=.a."b.c\u0021"`, `{"a":{"b.c!":"x"}}`, `"x", "a": {"b.c!": "x"}`},
		{"any key in brackets", `type=.["a b"]["c"]`, `{"a b":{"c":"x"}}`, `"x", "a b": {"c": "x"}`},
		{"an element", "type=.a[1]", `{"a":["x",["y"],"z"],"b":1}`, `column 1: no a`},
		{"an element of an element", "type=.a[1][0]", `{"a":["x",["y"]]}`, `"y", "a": ["x", ["y"]]`},
		{"an element's key", "type=.a.[0].b", `{"a":[{"b":"x"}]}`, `"x", "a": [{"b": "x"}]`},
		{"any member", "type=.*.b", `{"z":1,"a":{"c":1},"d":{"b":"x"}}`, `"x", "z": 1, "a": {"c": 1}, "d": {"b": "x"}`},
		{"any element", "type=.a.*.b", `{"a":[{"c":1},{"b":"x"}]}`, `"x", "a": [{"c": 1}, {"b": "x"}]`},
		{"the last of a key", "type=.a.b", `{"a":1,"a":{"b":"x","b":"y"}}`, `"y", "a": 1, "a": {"b": "x", "b": "y"}`},
		{"a key with an escape", "type=.rule", `{"r\u0075le":"x"}`, `"x"`},
		{"a value with an escape stays", "type=.rule", `{"rule":"x\ud800"}`, `"x\ufffd", "rule": "x\ud800"`},

		{"joined", `type = .verb + " " + .o.r`, `{"verb":"create","o":{"r":"pods"}}`, `"create pods", "verb": "create", "o": {"r": "pods"}`},
		{"joined without the second", `type = .verb + " " + .o.r`, `{"verb":"get"}`, `"get", "verb": "get"`},
		{"joined without the first", `type = .verb + " " + .o.r`, `{"o":{"r":"pods"}}`, `column 1: no verb`},
		{"joined with texts around", `type = "<" + .a + "/" + .b + ">"`, `{"a":1}`, `"<1>", "a": 1`},
		{"joined without one between", `type = .a+"-"+.b+"-"+.c`, `{"a":"1","c":true}`, `"1-true", "a": "1", "c": true`},
		{"joined with an object", `type = .a + .b`, `{"a":"1","b":{"c":1}}`, `"1", "a": "1", "b": {"c": 1}`},
		{"an empty text", `type=""`, `{}`, `column 1: no type`},
		{"alternatives", "type=.a//.b", `{"a":null,"b":"x"}`, `"x", "a": null`},
		{"an empty text is absent", "type=.a // .b", `{"a":"","b":"x"}`, `"x", "a": ""`},
		{"a text at last", "type=.a\n  // \"other\"", `{}`, `"other"`},
		{"alternatives of agents", "agent_id=.a // .b", `{"type":"t","a":{"name":"x"},"b":7}`, `"t", "agent_id": "7", "a": {"name": "x"}, "b": 7`},
		{"records", "type=records", `{"ID":"1","SYSCALL":{},"node":{},"USER_LOGIN":[1],"PATH2":[]}`, `"SYSCALL USER_LOGIN PATH2", "ID": "1", "SYSCALL": {}, "node": {}, "USER_LOGIN": [1], "PATH2": []`},

		{"replaced", "type=.k{1:open,\"2\":\"close it\"}", `{"k":1}`, `"open", "k": 1`},
		{"replaced by a text in quotes", "type = .k {\n1: open\n\"2\": \"close it\" # two\n}", `{"k":"2"}`, `"close it", "k": "2"`},
		{"not replaced", "type=.k{1: open}", `{"k":"3"}`, `"3"`},
		{"replaced by nothing", `type=.k{0: ""} // .l`, `{"k":0,"l":"x"}`, `"x", "k": 0`},
		{"a glob", `type=.k{a?c*: x, [0-9]*: y}`, `{"k":"7 up"}`, `"y", "k": "7 up"`},
		{"in quotes is no glob", `type=.k{"*": x}`, `{"k":"y"}`, `"y"`},

		{"severity", "severity=.s", `{"type":"t","s":"EMERG"}`, `"t", "severity": "critical", "s": "EMERG"`},
		{"severity that cannot be read", "severity=.s // .t", `{"type":"t","s":"loud","t":"error"}`, `"t", "severity": "error", "s": "loud"`},
		{"range, first", "severity=.c{400..499: warn, 500..: err}", `{"type":"t","c":400}`, `"t", "severity": "warning", "c": 400`},
		{"range, last", "severity=.c{400..499: warn, 500..: err}", `{"type":"t","c":"499"}`, `"t", "severity": "warning", "c": "499"`},
		{"range, open", "severity=.c{400..499: warn, 500..: err}", `{"type":"t","c":500.5}`, `"t", "severity": "error", "c": 500.5`},
		{"range, below", "severity=.c{400..499: warn, ..-1: debug}", `{"type":"t","c":-1}`, `"t", "severity": "debug", "c": -1`},
		{"range, none", "severity=.c{400..499: warn, 500..: err}", `{"type":"t","c":"teapot"}`, `"t", "c": "teapot"`},
		{"where there is an error", "severity=.error{*: error}", `{"type":"t","error":{"code":1}}`, `"t", "severity": "error", "error": {"code": 1}`},
		{"where there is none", "severity=.error{*: error}", `{"type":"t","error":[]}`, `"t", "error": []`},
		{"a suffix", "severity=.code{*I: info, *W: warning}", `{"type":"t","code":"T1W"}`, `"t", "severity": "warning", "code": "T1W"`},
		{"a severity of the type's own", "severity=.s", `{"type":"error","s":"info"}`, `"error", "severity": "error", "error_type": "", "error_message": "", "error_context": "", "s": "info"`},

		{"seconds", "timestamp=.t", `{"type":"t","t":1773044100}`, `"t", "timestamp": "2026-03-09T08:15:00+00:00"`},
		{"seconds with a fraction", "timestamp=.t", `{"type":"t","t":"1773044100.25"}`, `"t", "timestamp": "2026-03-09T08:15:00.250000+00:00", "t": "1773044100.25"`},
		{"milliseconds", "timestamp=.t", `{"type":"t","t":1773044100123}`, `"t", "timestamp": "2026-03-09T08:15:00.123000+00:00"`},
		{"microseconds", "timestamp=.t", `{"type":"t","t":1773044100123456}`, `"t", "timestamp": "2026-03-09T08:15:00.123456+00:00"`},
		{"nanoseconds", "timestamp=.t", `{"type":"t","t":1773044100123456789}`, `"t", "timestamp": "2026-03-09T08:15:00.123456+00:00", "t": 1773044100123456789`},
		{"an offset without colon", "timestamp=.t", `{"type":"t","t":"2026-03-09 09:15:00.5+0100"}`, `"t", "timestamp": "2026-03-09T08:15:00.500000+00:00", "t": "2026-03-09 09:15:00.5+0100"`},
		{"auditd's ID", "timestamp=.t", `{"type":"t","t":"1773044100.375:15558"}`, `"t", "timestamp": "2026-03-09T08:15:00.375000+00:00", "t": "1773044100.375:15558"`},
		{"the first that is a time", "timestamp=.t // .u", `{"type":"t","t":"soon","u":1773044100}`, `"t", "timestamp": "2026-03-09T08:15:00+00:00", "t": "soon"`},
		{"no time", "timestamp=.t", `{"type":"t","t":"2026-03-09 08:15:99"}`, `"t", "t": "2026-03-09 08:15:99"`},
		{"no ID of auditd's", "timestamp=.t", `{"type":"t","t":"20260309:15"}`, `"t", "t": "20260309:15"`},

		{"of the metadata", "call_id=.id,metadata.region=.cloud.region", `{"type":"t","id":5,"cloud":{"region":"eu"}}`, `"t", "metadata": {"call_id": "5", "region": "eu"}, "id": 5, "cloud": {"region": "eu"}`},
		{"the metadata's own", "metadata.region=.r", `{"type":"t","r":{"a":1},"metadata":{"b":2.50,"region":3,"original":4}}`, `"t", "metadata": {"region": {"a": 1}, "b": 2.50, "original": {"region": 3, "original": 4}}`},
		{"metadata that is none", "", `{"type":"t","metadata":[1]}`, `"t", "metadata": {"metadata": [1]}`},
		{"a key's name is taken", "tool_name=.tool", `{"type":"t","tool_name":"a","tool":"b","x":1}`, `"t", "metadata": {"tool_name": "a"}, "tool_name": "b", "x": 1`},
		{"a key's name is free", "tool_name=.tool", `{"type":"t","tool_name":"a","x":1}`, `"t", "tool_name": "a", "x": 1`},
		{"any other key", `args=.input,"a.b"=.n`, `{"type":"t","input":{"x":1},"n":2}`, `"t", "args": {"x": 1}, "a.b": 2`},
		{"a whole call", "type=.k{use: tool_call_attempt, done: tool_call_complete},tool_name=.tool,call_id=.id", `{"k":"done","tool":7,"id":"c"}`,
			`"tool_call_complete", "metadata": {"call_id": "c"}, "tool_name": "7", "status": "ended", "duration_ms": 0.0, "result_preview": "", "k": "done", "tool": 7`},

		{"within", "within: .outer.log // .message\ntype=.rule", `{"outer":{"log":"{\"rule\":\"r\",\"x\":1}","a":1},"t":2}`, `"r", "metadata": {"wrapper": {"outer": {"a": 1}, "t": 2}}, "x": 1`},
		{"within, the last of a key", "within: .message\ntype=.rule", `{"message":"a","message":{"rule":"r"}}`, `"r", "metadata": {"wrapper": {"message": "a"}}`},
		{"within, alone", "within: .outer.log\ntype=.rule", `{"outer":{"log":{"rule":"r"}}}`, `"r", "metadata": {"wrapper": {}}`},
		{"within, not there", "within: .message\ntype=.rule", `{"rule":"r","message":"{\"rule\":\"inner\"}"}`, `"r", "message": "{\"rule\":\"inner\"}"`},
		{"within, no record", "within: .message\ntype=.rule", `{"message":"{\"rule\":"}`, `column 1: no rule`},
	} {
		t.Run(test.name, func(t *testing.T) {
			d, err := table.ParseKeys("keys.txt", test.keys)
			if err != nil {
				t.Fatal(err)
			}
			if got := decodeOne(t, d, test.record); got != test.want {
				t.Errorf("%s of %s:\n%s\nwant\n%s", test.keys, test.record, got, test.want)
			}
		})
	}
}

func TestParseKeysErrors(t *testing.T) {
	for _, test := range []struct{ keys, want string }{
		{"type", "1:5: want = after type, not the end"},
		{"type .rule", "1:6: want = after type, not '.'"},
		{"type=", "1:6: want a path, as .rule, or a text in quotes, not the end"},
		{"type=rule", "1:6: rule is no path: write .rule"},
		{"type=.", "1:7: want the name of a key after the dot, not the end"},
		{"type=.a.,x=.b", "1:9: want the name of a key after the dot, not ','"},
		{"type=.[0]", "1:6: want the number of an element in [], as .ids[0]"},
		{"type=.a[-1]", "1:6: want the number of an element in [], as .ids[0]"},
		{"type=.a[0", "1:10: want ], not the end"},
		{`type=."a`, "1:7: the quotes are not closed"},
		{`type=."\x"`, `1:7: "\x" is no JSON string: write \\ for a backslash`},
		{"type=.a .b", "1:9: unexpected '.': separate keys by commas or new lines"},
		{"type=.a\n\ntimestamp=.b severity=.c", "3:14: unexpected 's': separate keys by commas or new lines"},
		{"# é\n  type = .é ü", "2:14: unexpected 'ü': separate keys by commas or new lines"},
		{"type=.a,=.b", "1:9: unexpected '=': want a key and a path, as type=.rule"},
		{"type=.a\nevent_type=.b", "2:1: event_type is set twice"},
		{"call_id=.a,metadata.call_id=.b", "1:12: metadata.call_id is set twice"},
		{"metadata=.a", "1:1: want a member of the metadata, as metadata.region"},
		{"metadata.=.a", "1:1: want a member of the metadata, as metadata.region"},
		{"metadata.source=.a", "1:1: metadata.source is taken: choose another name"},
		{"a.b=.a", "1:1: a dot in a key: write it in quotes, or metadata.NAME"},
		{"severity=.a{1: loud}", "1:16: loud is no severity: want debug, info, warning, error or critical"},
		{"severity=.a{1}", "1:14: want : after the value, not '}'"},
		{"severity=.a{: error}", "1:13: want a value, as 5, 400..499 or warn*, not ':'"},
		{"severity=.a{1: }", "1:16: want a text after :, not '}'"},
		{"severity=.a{1: error 2: info}", "1:22: unexpected '2': separate keys by commas or new lines"},
		{"severity=.a{1: error", "1:21: want a value, as 5, 400..499 or warn*, not the end"},
		{"severity=.a{5..4: error}", "1:13: 5..4 is no range: want two numbers, as 400..499, or one, as 500.."},
		{"severity=.a{..: error}", "1:13: .. is no range: want two numbers, as 400..499, or one, as 500.."},
		{"severity=.a{[a: error}", `1:13: glob "[a": the bracket is not closed`},
		{"colour: red", "1:1: unknown colour: want title, where, known or within, or = for a key"},
		{"within: .a[0]", "1:13: only names of keys may be in this path"},
		{"type=.a\xff", "1:8: no UTF-8"},
		{"type=.a\n\x00tool_name=.b", "2:1: a NUL: this is no text"},
		{"\ufefftype", "1:5: want = after type, not the end"},
	} {
		_, err := table.ParseKeys("keys.txt", test.keys)
		var e *table.KeysError
		if !errors.As(err, &e) || e.Line == 0 || e.Column == 0 {
			t.Errorf("%q: %v", test.keys, err)
		} else if got := strings.TrimPrefix(e.Error(), "keys.txt:"); got != test.want {
			t.Errorf("%q: %s, want %s", test.keys, got, test.want)
		}
	}
}

// Records of other programs that have some keys of a dialect are not taken for its.
func TestNotKnown(t *testing.T) {
	for _, record := range []string{
		`{"kind":"Event","apiVersion":"v1","metadata":{"name":"cart.1"},"reason":"Pulled","type":"Normal"}`,
		`{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[]}`,
		`{"type":"request","time":"2026-03-09T08:15:00Z","request":{"id":"r1","path":"/cart","method":"GET"}}`,
		`{"type":"request","time":"2026-03-09T08:15:00Z","request":{"id":"r1","path":"/cart","operation":"add-to-cart"}}`,
		`{"eventName":"click","eventTime":"2026-03-09T08:15:00Z","eventVersion":"2","eventSource":"shop"}`,
		`{"event":"login","code":"T1000","time":"2026-03-09T08:15:00Z","uid":"u"}`,
		`{"event":"login","code":"E1000I","time":"2026-03-09T08:15:00Z","uid":"u"}`,
		`{"action":"cart.add","actor":"mira","created_at":1773044100123}`,
		`{"action":"cart.add","actor":"mira","org":"shop","created_at":"2026-03-09T08:15:00Z"}`,
		`{"rule":"r","priority":"high","output":"o","time":"2026-03-09T08:15:00Z"}`,
		`{"ID":"1773044100.375:15558","name":"shop"}`,
		`{"ID":"15558","SYSCALL":{}}`,
		`{"message":"{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\"","log":"text"}`,
		`{"type":"x","event_type":5}`,
		`{}`,
	} {
		var s events.Scanner
		if err := s.Scan([]byte(record)); err != nil {
			t.Fatal(err)
		}
		if d := dialects.Of(&s); d != nil {
			t.Errorf("taken for %s: %s", d.Name, record)
		}
	}
}

func TestTablesTell(t *testing.T) {
	d := dialects.Named("k8s-audit")
	if d.Title != "Kubernetes' audit log" || !strings.HasPrefix(d.Where, "the file after --audit-log-path") || d.Known != "a record with .kind = Event, .apiVersion = audit.k8s.io/*" || d.Tagged {
		t.Errorf("%q, %q, %q, %v", d.Title, d.Where, d.Known, d.Tagged)
	}
	want := []dialect.Mapping{
		{From: `.verb + " " + .objectRef.resource`, To: "event_type"},
		{From: `.stageTimestamp // .requestReceivedTimestamp`, To: "timestamp"},
		{From: `.responseStatus.code {400..499: warning, 500..599: error}`, To: "severity"},
		{From: `.user.username`, To: "agent_id"},
		{From: `.auditID`, To: "turn_id"},
	}
	if !slices.Equal(d.Maps, want) {
		t.Errorf("%q", d.Maps)
	}
	own, err := table.ParseKeys("", "title: Mine\ntype = .rule\n  // .name\ncall_id = .id\nmetadata.x = .y")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []dialect.Mapping{{From: ".rule // .name", To: "event_type"}, {From: ".id", To: "metadata.call_id"}, {From: ".y", To: "metadata.x"}, {From: ".agent_id // .agentId", To: "agent_id"}} {
		if !slices.Contains(own.Maps, m) {
			t.Errorf("%q lacks %q", own.Maps, m)
		}
	}
	if eve := dialects.Named("eve"); own.Title != "Mine" || own.Knows != nil || eve.Knows != nil || !eve.Tagged {
		t.Errorf("%q, %v, %v, %v", own.Title, own.Knows != nil, eve.Knows != nil, eve.Tagged)
	}
}

// Whatever moves into metadata, an event does not nest deeper than events may.
func TestTooDeep(t *testing.T) {
	const depth = 9_999
	record := `{"type":"t","severity":` + strings.Repeat("[", depth) + strings.Repeat("]", depth) + `}`
	d, err := table.ParseKeys("", "")
	if err != nil {
		t.Fatal(err)
	}
	if got := decodeOne(t, d, record); !strings.Contains(got, "deep") {
		t.Errorf("%.100s", got)
	}
}

// Whatever keys are accepted, records become events or are refused.
func FuzzParseKeys(f *testing.F) {
	f.Add(`type=.rule,timestamp=.time`)
	f.Add(`type = .a[0]."b c" + "-" + .* {x*: "", 1..2: y} // records // "z"`)
	f.Add(`severity = .s {..5: warn} // .t, call_id=.b, tool_name=.a, metadata.n=.s, "a b"=.a`)
	f.Add("title: t\nwhere: w # x\nknown: .a = b|\"c\", .d\nwithin: .log // .properties.log\ntype=.type")
	f.Add(`type=.type{t: tool_call_complete, u: error},status=.s,error_type=.a,duration_ms=.time,timestamp=.ID`)
	records := []string{
		`{}`,
		`{"type":"t","rule":{"a":[1]},"time":1773044100,"s":"warn","a":["x",{"b":"y"}],"b":null,"ID":"1773044100.375:1"}`,
		`{"type":"u","time":"?","s":5,"a":{"b c":"z"},"b":true,"metadata":{"n":1,"source":2},"status":[],"ABC":{"a":"v"},"type":"u"}`,
		`{"log":"{\"type\":\"\\ud800\"}","properties":{"log":{"type":1.0},"x":2},"severity":{},"session_id":"s"}`,
	}
	f.Fuzz(func(t *testing.T, keys string) {
		d, err := table.ParseKeys("keys.txt", keys)
		var e *table.KeysError
		if err != nil && (!errors.As(err, &e) || e.Line < 1 || e.Column < 1 || e.Column > len(keys)+1) {
			t.Fatal(err)
		}
		if err != nil {
			return
		}
		for _, record := range records {
			var s events.Scanner
			if err := s.Scan([]byte(record)); err != nil {
				t.Fatal(err)
			}
			if d.Knows != nil {
				d.Knows(&s)
			}
			decodeOne(t, d, record)
		}
	})
}
