package sequence_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"auditctl/pkg/events"
	"auditctl/pkg/sequence"
)

var epoch = sequence.Epoch([]byte("0123456789abcdef"))

// A number is added after the last member of the metadata, with the line's own white space,
// or replaces the one that counts.
func TestNumberer(t *testing.T) {
	const added = `"seq": 8, "seq_epoch": "0123456789abcdef"`
	compact := strings.ReplaceAll(added, " ", "")
	for line, want := range map[string]string{
		`{"event_type": "x", "metadata": {}}`:                      `{"event_type": "x", "metadata": {` + added + `}}`,
		`{"event_type": "x", "metadata": { }, "a": 1}`:             `{"event_type": "x", "metadata": {` + added + ` }, "a": 1}`,
		`{"event_type": "x", "metadata": {"a": [1, {}] }}`:         `{"event_type": "x", "metadata": {"a": [1, {}], ` + added + ` }}`,
		`{"event_type":"x","metadata":{"a":1}}`:                    `{"event_type":"x","metadata":{"a":1,` + compact + `}}`,
		`{"event_type": "x", "metadata": null}`:                    `{"event_type": "x", "metadata": {` + added + `}}`,
		`{"event_type": "x"}`:                                      `{"event_type": "x", "metadata": {` + added + `}}`,
		`{"event_type":"x"}`:                                       `{"event_type":"x","metadata":{` + compact + `}}`,
		"\ufeff { \"event_type\": \"x\" }\t\r":                     "\ufeff { \"event_type\": \"x\", \"metadata\": {" + added + "} }\t\r",
		`{"metadata": {"a": 1}, "event_type": "x", "metadata":{}}`: `{"metadata": {"a": 1}, "event_type": "x", "metadata":{` + added + `}}`,
		`{"metadata": {}, "event_type": "x", "metadata": null}`:    `{"metadata": {}, "event_type": "x", "metadata": {` + added + `}}`,
		`{"event_type": "x", "metad\u0061ta": {}}`:                 `{"event_type": "x", "metad\u0061ta": {` + added + `}}`,
		`{"event_type": "x", "a": "{\"metadata\": {}}"}`:           `{"event_type": "x", "a": "{\"metadata\": {}}", "metadata": {` + added + `}}`,

		`{"event_type": "x", "metadata": {"seq": 1, "seq_epoch": "fedcba9876543210", "b": 2}}`: `{"event_type": "x", "metadata": {"seq": 8, "seq_epoch": "0123456789abcdef", "b": 2}}`,
		`{"event_type": "x", "metadata": {"seq_epoch": null, "seq": {"a": "}"}}}`:              `{"event_type": "x", "metadata": {"seq_epoch": "0123456789abcdef", "seq": 8}}`,
		`{"event_type": "x", "metadata": {"seq": 1, "b": 2, "seq": 3}}`:                        `{"event_type": "x", "metadata": {"seq": 1, "b": 2, "seq": 8, "seq_epoch": "0123456789abcdef"}}`,
		`{"event_type": "x", "metadata": {"s\u0065q": 1}}`:                                     `{"event_type": "x", "metadata": {"s\u0065q": 8, "seq_epoch": "0123456789abcdef"}}`,
		`{"event_type":"x","metadata":{"seq_epoch":""}}`:                                       `{"event_type":"x","metadata":{"seq_epoch":"0123456789abcdef","seq":8}}`,
		`{"event_type": "x", "metadata": {"a": "\"seq\\"}}`:                                    `{"event_type": "x", "metadata": {"a": "\"seq\\", ` + added + `}}`,
	} {
		var n sequence.Numberer
		got, last := n.Append([]byte("before "), []byte(line+"\n"), sequence.Number{Epoch: epoch, Seq: 7})
		if string(got) != "before "+want+"\n" || last.Seq != 8 {
			t.Errorf("%s:\n%s, last %d; want\n%s", line, got, last.Seq, want)
		}
	}
}

// What is no event or cannot have a number is passed on as it is, and does not count.
func TestNumbererSkips(t *testing.T) {
	lines := "not JSON\n\n" +
		`{"event_type": "x", "metadata": []}` + "\n" +
		`{"event_type": "x", "metadata": "{}"}` + "\n" +
		`{"event_type": 1}` + "\n" +
		`{"a": {"event_type": "x"}}` + "\n" +
		`{"event_type": "` + strings.Repeat("x", 100) + `"}` + "\n"
	n := sequence.Numberer{MaxLine: 100}
	if got, last := n.Append(nil, []byte(lines), sequence.Number{Epoch: epoch}); string(got) != lines || last.Seq != 0 {
		t.Errorf("%s: last %d", got, last.Seq)
	}
	got, last := n.Append(nil, []byte(lines+`{"event_type": "x"}`+"\n"+lines+`{"event_type": "y"}`+"\n"), sequence.Number{Epoch: epoch})
	if strings.Count(string(got), "seq_epoch") != 2 || last.Seq != 2 {
		t.Errorf("%s: last %d", got, last.Seq)
	}
}

// A line with a number decodes as the line without, but for the number; and if it had none
// before, the bytes of the line are all there, and in order.
func FuzzNumberer(f *testing.F) {
	for _, line := range []string{
		`{"event_type": "x", "metadata": {"a": 1}}`, `{"event_type":"x"}`, `{"event_type": "x", "metadata": null }`,
		`{"event_type": "x", "metadata": {"seq": 1, "seq_epoch": "0", "seq": 2}}`,
		`{"event_type": "x", "metadata": {"\u0073eq": {"a": "}"}, "seq_epoch": [1, "{"]}}`,
		`{"metadata": {}, "event_type": "x", "metad\u0061ta": [], "metadata": { } } `,
	} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		if bytes.IndexByte(line, '\n') >= 0 {
			return
		}
		var n sequence.Numberer
		numbered, last := n.Append(nil, append(bytes.Clone(line), '\n'), sequence.Number{Epoch: epoch, Seq: 41})
		_, invalid := events.Parse(line)
		numbered, ok := bytes.CutSuffix(numbered, []byte{'\n'})
		if !ok {
			t.Fatalf("%s: no line feed", numbered)
		}
		if last.Seq == 41 {
			if !bytes.Equal(numbered, line) {
				t.Fatalf("%s became %s", line, numbered)
			}
			if invalid != nil {
				return
			}
			if m := decoded(t, line)["metadata"]; m == nil {
				t.Fatalf("%s: no number", line)
			} else if _, object := m.(map[string]any); object {
				t.Fatalf("%s: no number", line)
			}
			return
		}
		if invalid != nil || last.Seq != 42 {
			t.Fatalf("%s: %v, last %d", line, invalid, last.Seq)
		}
		want := decoded(t, line)
		metadata, _ := want["metadata"].(map[string]any)
		if metadata == nil {
			metadata = map[string]any{}
			want["metadata"] = metadata
		}
		had := metadata["seq"] != nil || metadata["seq_epoch"] != nil
		metadata["seq"], metadata["seq_epoch"] = json.Number("42"), epoch.String()
		if got := decoded(t, numbered); !reflect.DeepEqual(got, want) {
			t.Fatalf("%s became %s: %v, want %v", line, numbered, got, want)
		}
		if !had && !bytes.Contains(line, []byte("null")) {
			start, end := 0, 0
			for start < len(line) && numbered[start] == line[start] {
				start++
			}
			for end < len(line) && numbered[len(numbered)-1-end] == line[len(line)-1-end] {
				end++
			}
			if start+end < len(line) {
				t.Fatalf("%s became %s: more than the number is new", line, numbered)
			}
		}
		var s events.Scanner
		if err := s.Scan(numbered); err != nil {
			t.Fatalf("%s became %s: %v", line, numbered, err)
		}
		if n, ok := sequence.NumberOf(&s); !ok || n != (sequence.Number{Epoch: epoch, Seq: 42}) {
			t.Fatalf("%s: number %v, %t", numbered, n, ok)
		}
	})
}

func decoded(t *testing.T, line []byte) (object map[string]any) {
	d := json.NewDecoder(bytes.NewReader(bytes.TrimLeft(line, "\ufeff \t\r")))
	d.UseNumber()
	if err := d.Decode(&object); err != nil {
		t.Skip(err) // deeper than what encoding/json decodes
	}
	return object
}

func BenchmarkNumberer(b *testing.B) {
	line := `{"event_type": "tool_call_complete", "timestamp": "2026-03-10T10:11:12.123456+00:00", "agent_id": "planner", "turn_id": "0123456789ab", "session_id": "s1", "severity": "info", "metadata": {"region": "eu"}, "tool_name": "grep", "status": "success", "duration_ms": 38.9, "result_preview": "14 matches"}` + "\n"
	lines := []byte(strings.Repeat(line, 1000))
	b.SetBytes(int64(len(lines)))
	var n sequence.Numberer
	var dst []byte
	for b.Loop() {
		dst, _ = n.Append(dst[:0], lines, sequence.Number{Epoch: epoch})
	}
}
