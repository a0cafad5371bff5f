package view_test

import (
	"encoding/csv"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"auditctl/cmd/internal/view"
	"auditctl/pkg/events"
	"auditctl/pkg/selection"
)

// rows returns what a view shows of an event, after its header.
func rows(t testing.TB, v *view.Delimited, line string) string {
	t.Helper()
	var s events.Scanner
	if err := s.Scan([]byte(line)); err != nil {
		t.Fatal(err)
	}
	return string(v.AppendEvent(v.Header(), &s))
}

// Values are exact, whatever they are.
func TestDelimited(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ line, columns, csv, tsv string }{
		{`{"a":"x","b":"y"}`, "a,b,c", "a,b,c\r\nx,y,\r\n", "a\tb\tc\nx\ty\t\n"},
		{`{"a":1.0,"b":-0,"c":1E+400,"d":true,"e":null}`, "a,b,c,d,e", "a,b,c,d,e\r\n1.0,-0,1E+400,true,\r\n", "a\tb\tc\td\te\n1.0\t-0\t1E+400\ttrue\t\n"},
		{`{"a":{"k": [1, "x"]},"b":[]}`, "a,b,a.k.1", "a,b,a.k.1\r\n\"{\"\"k\"\": [1, \"\"x\"\"]}\",[],x\r\n", "a\tb\ta.k.1\n{\"k\": [1, \"x\"]}\t[]\tx\n"},
		{`{"a":"1, 2","b":"say \"hi\""}`, "a,b", "a,b\r\n\"1, 2\",\"say \"\"hi\"\"\"\r\n", "a\tb\n1, 2\tsay \"hi\"\n"},
		{`{"a":"x\r\ny\tz\\n","b":"\n"}`, "a,b", "a,b\r\n\"x\r\ny\tz\\n\",\"\n\"\r\n", "a\tb\n" + `x\r\ny\tz\\n` + "\t" + `\n` + "\n"},
		{`{"a":" é \u0000","b":"=1+1"}`, "a,b", "a,b\r\n é \x00,=1+1\r\n", "a\tb\n é \x00\t=1+1\n"},
		{`{"a":"first","a":"last"}`, "a", "a\r\nlast\r\n", "a\nlast\n"},
		{`{"a.b":"x","c,d":"y"}`, `a\.b,c\,d`, `a\.b,"c\,d"` + "\r\nx,y\r\n", `a\\.b` + "\t" + `c\\,d` + "\nx\ty\n"},
		{`{}`, "a", "a\r\n\"\"\r\n", "a\n\n"}, // many programs skip blank lines
		{`{"a":""}`, "a", "a\r\n\"\"\r\n", "a\n\n"},
	} {
		keys, err := selection.ParseKeys(test.columns)
		if err != nil {
			t.Fatal(err)
		}
		if have := rows(t, view.NewCSV(keys, false), test.line); have != test.csv {
			t.Errorf("%s: CSV %q, want %q", test.line, have, test.csv)
		}
		if have := rows(t, view.NewTSV(keys, false), test.line); have != test.tsv {
			t.Errorf("%s: TSV %q, want %q", test.line, have, test.tsv)
		}
	}
}

// On a terminal nothing in a value controls it, or looks like another row.
func TestDelimitedEscaped(t *testing.T) {
	t.Parallel()
	const line = `{"a":"\u001b[2J\n,\t\u202e"}`
	keys := []selection.Key{{"a"}}
	if have, want := rows(t, view.NewCSV(keys, true), line), "a\n"+`"\x1b[2J\n,\t\u202e"`+"\n"; have != want {
		t.Errorf("CSV %q, want %q", have, want)
	}
	if have, want := rows(t, view.NewTSV(keys, true), line), "a\n"+`\x1b[2J\n,\t\u202e`+"\n"; have != want {
		t.Errorf("TSV %q, want %q", have, want)
	}
}

// By default there is a column for each key of the envelope and of all types.
func TestDelimitedColumns(t *testing.T) {
	t.Parallel()
	columns := strings.Split(strings.TrimSuffix(string(view.NewTSV(nil, false).Header()), "\n"), "\t")
	want := events.EnvelopeKeys()
	if !slices.Equal(columns[:len(want)], want) {
		t.Errorf("the first columns are %q, want %q", columns[:len(want)], want)
	}
	for _, eventType := range events.Types() {
		for _, key := range events.Keys(eventType) {
			want = append(want, key.Name)
		}
	}
	slices.Sort(want)
	slices.Sort(columns)
	if want = slices.Compact(want); !slices.Equal(columns, want) {
		t.Errorf("columns %q, want %q", columns, want)
	}
}

// What others read is what the event says.
func FuzzDelimited(f *testing.F) {
	for _, text := range []string{"", `"`, `""`, ",", "\r\n", "a\nb", "\\", `\t`, "\t", "=1+1", "é", "\x00", `\.`} {
		f.Add(text, text)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		line, err := json.Marshal(map[string]string{"a": a, "b": b})
		if err != nil {
			t.Fatal(err)
		}
		var event map[string]string
		if err := json.Unmarshal(line, &event); err != nil { // which has U+FFFD for what is no UTF-8
			t.Fatal(err)
		}
		keys := []selection.Key{{"a"}, {"b"}}
		read, err := csv.NewReader(strings.NewReader(rows(t, view.NewCSV(keys, false), string(line)))).ReadAll()
		reads := func(text string) string { return strings.ReplaceAll(text, "\r\n", "\n") } // as encoding/csv does
		want := [][]string{{"a", "b"}, {reads(event["a"]), reads(event["b"])}}
		if err != nil || !slices.EqualFunc(read, want, slices.Equal) {
			t.Errorf("CSV says %q, %v, want %q", read, err, want)
		}
		text := rows(t, view.NewTSV(keys, false), string(line))
		values := strings.Split(strings.TrimSuffix(text, "\n"), "\t")
		unescape := strings.NewReplacer(`\t`, "\t", `\n`, "\n", `\r`, "\r", `\\`, `\`).Replace
		if len(values) != 3 || unescape(values[1][len("b\n"):]) != event["a"] || unescape(values[2]) != event["b"] {
			t.Errorf("TSV says %q, want %q", values, event)
		}
	})
}
