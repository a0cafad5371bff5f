package where_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/itchyny/gojq"

	"auditctl/pkg/events"
	"auditctl/pkg/where"
)

// oracle is what gojq alone says of an expression and an event, as its command
// line reads it.
func oracle(t testing.TB, code *gojq.Code, line []byte) (wanted, failed bool) {
	t.Helper()
	outputs := code.Run(decoded(t, line))
	for {
		v, ok := outputs.Next()
		if !ok {
			return false, false
		}
		if _, failed := v.(error); failed {
			return false, true
		}
		if v != nil && v != false {
			return true, false
		}
	}
}

func decoded(t testing.TB, line []byte) (input any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	if err := d.Decode(&input); err != nil {
		t.Fatal(err)
	}
	return input
}

// A subject is an expression and what gojq makes of it.
type subject struct {
	expr *where.Expr
	code *gojq.Code
}

func subjectOf(t testing.TB, text string) subject {
	t.Helper()
	expr, err := where.Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	query, err := gojq.Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	code, err := gojq.Compile(query)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return subject{expr, code}
}

// agree holds the expression against gojq on one event.
func (sub subject) agree(t *testing.T, text string, s *events.Scanner) {
	t.Helper()
	wanted, err := sub.expr.Eval(t.Context(), s)
	if wantWanted, wantFailed := oracle(t, sub.code, s.Line()); wanted != wantWanted || (err != nil) != wantFailed {
		t.Errorf("%s on %s: wanted %v, %v; gojq says %v, failed %v", text, s.Line(), wanted, err, wantWanted, wantFailed)
	}
	for _, group := range sub.expr.Needs() {
		if (wanted || err != nil) && !slices.ContainsFunc(group, func(c where.Comparison) bool {
			v := s.Lookup(c.Key)
			return v.Kind() == events.String && string(s.Text(v)) == c.Text
		}) {
			t.Errorf("%s on %s: wanted %v, %v, but it needs one of %q", text, s.Line(), wanted, err, group)
		}
	}
}

// What + and * make is what gojq makes, with numbers as events spell them and as
// expressions do.
func TestOperators(t *testing.T) {
	values := strings.Fields(`null true -0 -0.0 -3 2.9 1e2 67108863 67108864 9007199254740993 -9223372036854775808 9223372036854775808 1e400 "" "Any_number_above_makes_this_too_large:-)" [] [1] {"a":{"b":1}}`)
	for _, operation := range []string{`.x + .y`, `.x * .y`, `.x += .y`, `.x *= .y`, `"\(.x)\(.y)"`} {
		for _, form := range []string{operation, `map_values(if type == "number" then tostring | tonumber end) | ` + operation} {
			text := "try ({x, y} | " + form + " | tojson) catch ."
			query, err := gojq.Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			code, err := gojq.Compile(query)
			if err != nil {
				t.Fatal(err)
			}
			expr, err := where.Parse(".want as $want | (" + text + ") == $want")
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range values {
				for _, y := range values {
					line := fmt.Sprintf(`{"event_type": "a", "x": %s, "y": %s`, x, y)
					want, _ := code.Run(decoded(t, []byte(line+"}"))).Next()
					spelled, err := json.Marshal(want)
					if err != nil {
						t.Fatal(err)
					}
					if wanted, _ := expr.Eval(t.Context(), scan(t, line+`, "want": `+string(spelled)+"}")); !wanted {
						t.Errorf("%s on %s, %s is not %s", form, x, y, spelled)
					}
				}
			}
		}
	}
}

// oddLines are events with what is easily got wrong.
const oddLines = `
{"event_type": "x"}
{"event_type": "x", "a": null}
{"event_type": "x", "a": {"b": null}, "n": null}
{"event_type": "x", "a": {"b": "x"}, "n": 1}
{"event_type": "x", "a": {"b": {"c": false}}, "n": 1.0}
{"event_type": "x", "a": {"b": 1, "b": {"c": "last"}}, "n": 100, "n": 1e2}
{"event_type": "x", "a": "text", "n": -0, "t": true}
{"event_type": "x", "a": "", "n": -0.0, "t": false}
{"event_type": "x", "a": 7, "n": 9007199254740993}
{"event_type": "x", "a": [], "n": 9007199254740992.0}
{"event_type": "x", "a": ["b"], "n": 18446744073709551616}
{"event_type": "x", "a": false, "n": 18446744073709551617}
{"event_type": "x", "a": true, "n": -18446744073709551617}
{"event_type": "x", "a": 1e400, "n": -1e400}
{"event_type": "x", "a": 1e-400, "n": 9223372036854775807}
{"event_type": "x", "a": 0.1, "n": -9223372036854775808}
{"event_type": "x", "a": 0.1000000000000000055511151231257827, "n": 9223372036854775808}
{"event_type": "x", "n": 1E5, "a": "\u0074ext"}
{"event_type": "x", "n": 0.1e1, "\u0061": {"\u0062": "\u0078"}}
{"event_type": "x", "a": "\ud800", "n": "1"}
{"event_type": "x", "a": "\ud83d\ude00 \" \\ \n", "n": "TEXT\nline"}
{"event_type": "x", "a": "😀", "n": {"b": 1}}
{"event_type": "x", "a": "\ufffd", "n": []}
{"event_type": "y", "event_type": "x", "a": "é", "n": 00e0}
{"event_type": "x", "a": ["b", 2, 3], "n": [[], [1]]}
{"event_type": "x", "a": [{"b": "x", "b": "y"}, {"b": ["c", "é😀"], "c": null}], "n": [[2], false]}
{"event_type": "x", "a": [{"b": "x"}, [ 1 , 2 ], null], "n": [ ]}
{ "event_type" : "x" , "a" : { "b" : [ 1 , { "c" : 2 } ] } , "n" : 1 }
`

// lines are the events that expressions are tried on.
func lines(t testing.TB) [][]byte {
	t.Helper()
	text := oddLines
	for _, path := range []string{"../../testdata/session.jsonl", "../../testdata/events.jsonl"} {
		log, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		text += string(log)
	}
	var all [][]byte
	for line := range strings.Lines(text) {
		if _, err := events.Parse([]byte(line)); err == nil {
			all = append(all, []byte(strings.TrimSuffix(line, "\n")))
		}
	}
	return all
}

func scan(t testing.TB, line string) *events.Scanner {
	t.Helper()
	s := new(events.Scanner)
	if err := s.Scan([]byte(line)); err != nil {
		t.Fatal(err)
	}
	return s
}
