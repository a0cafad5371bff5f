package view_test

import (
	"strings"
	"sync"
	"testing"

	"auditctl/cmd/internal/view"
	"auditctl/pkg/events"
)

const templateEvent = `{"event_type":"x","n":1.50,"big":123456789012345678901234567890,"yes":true,"no":null,"agent_id":"a\"b\n",` +
	`"metadata":{"region":"eu","z":{"k":1.0},"a":[1.0,"<x>",null,{"k":"v"}],"none":null},"list":["p","q"],"empty":[]}`

// Templates are those of text/template over the event, as it is spelled.
func TestTemplate(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ template, want string }{
		{"", ""},
		{"text", "text"},
		{"{{.event_type}} {{.n}} {{.big}} {{.yes}}", "x 1.50 123456789012345678901234567890 true"},
		{"{{.agent_id}}|{{json .agent_id}}", "a\"b\n|" + `"a\"b\n"`},

		// Whatever is missing is empty.
		{"[{{.missing}}{{.no}}{{.no.x}}{{.missing.x.y}}{{.metadata.none}}{{.metadata.x.y}}{{.event_type.x}}{{.list.x}}]", "[]"},
		{"{{with .event_type}}[{{.x}}{{.x.y}}]{{end}}", "[]"},
		{"{{range .list}}[{{.x}}]{{end}}{{range .missing}}x{{else}}none{{end}}{{range .missing.x}}x{{end}}", "[][]none"},
		{"{{if .missing}}x{{end}}{{if .no}}x{{end}}{{with .metadata.none}}x{{end}}", ""},
		{`{{if eq .missing "x"}}x{{end}}{{if eq .metadata.region "eu"}}yes{{end}}`, "yes"},
		{"{{json .missing}}", "null"},
		{`[{{printf "%-3s|%v" .missing .no}}{{print .missing}}{{html .missing}}{{js .no.x}}{{urlquery .missing}}]`, "[   |]"},

		// Objects and arrays are spelled as in the line.
		{"{{.metadata.z}} {{.metadata.a}} {{.list}} {{.empty}}", `{"k":1.0} [1.0,"<x>",null,{"k":"v"}] ["p","q"] []`},
		{"{{json .metadata.z}} {{json .list}}", `{"k":1.0} ["p","q"]`},
		{`{{printf "%s %v" .list .metadata.z}} {{html .list}} {{print .}}`, `["p","q"] {"k":1.0} [&#34;p&#34;,&#34;q&#34;] ` + templateEvent},
		{"{{slice .list 1 2}} {{slice .list 0 1}}", `["q"] ["p"]`},
		{"{{.}}", templateEvent},
		{"{{$}}", templateEvent},
		{"{{range $k, $v := .metadata}}{{$k}}={{$v}};{{end}}", `a=[1.0,"<x>",null,{"k":"v"}];region=eu;z={"k":1.0};`},
		{"{{range .metadata.a}}{{.}};{{end}}", `1.0;<x>;;{"k":"v"};`},

		// Keys are found from everywhere.
		{"{{with .metadata}}{{.region}} {{$.event_type}} {{.z.k}}{{end}}", "eu x 1.0"},
		{"{{$m := .metadata}}{{$m.region}} {{(index .metadata.a 3).k}} {{($m).z.k}}", "eu v 1.0"},
		{`{{define "d"}}{{.region}} {{$.z.k}}{{end}}{{template "d" .metadata}}`, "eu 1.0"},
		{`{{define "d"}}{{.event_type}}{{end}}{{template "d" .}}`, "x"},
		{`{{block "d" .metadata}}{{.region}}{{end}}`, "eu"},
		{`{{index . "event_type"}} {{len .metadata}} {{len .list}} {{index .list 1}}`, "x 3 2 q"},
		{`{{if and .yes (not .no) (gt (float .n) 1.0)}}{{printf "%.1f" (float .n)}}{{end}} {{float .missing}}`, "1.5 0"},
		{`{{.event_type | printf "%5s"}}`, "    x"},
	} {
		v, err := view.ParseTemplate(test.template, false)
		if err != nil {
			t.Errorf("%s: %v", test.template, err)
			continue
		}
		var s events.Scanner
		if err := s.Scan([]byte(templateEvent)); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			have, err := v.AppendEvent([]byte("before "), &s)
			if want := "before " + test.want + "\n"; string(have) != want || err != nil {
				t.Errorf("%s: %q, %v, want %q", test.template, have, err, want)
			}
		}
	}
}

// Nothing of an event is left for the next one, or for another goroutine.
func TestTemplateEvents(t *testing.T) {
	t.Parallel()
	for _, template := range []string{"{{.a}}{{.b}}", "{{range $k, $v := .}}{{$v}}{{end}}"} {
		v, err := view.ParseTemplate(template, false)
		if err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				var s events.Scanner
				for range 100 {
					for line, want := range map[string]string{`{"a":"x","a":null}`: "\n", `{"b":["y"]}`: "[\"y\"]\n", `{"a":"z"}`: "z\n"} {
						if err := s.Scan([]byte(line)); err != nil {
							t.Error(err)
						}
						if have, err := v.AppendEvent(nil, &s); string(have) != want || err != nil {
							t.Errorf("%s: %q, %v, want %q", line, have, err, want)
						}
					}
				}
			})
		}
		all.Wait()
	}
}

// On a terminal what is shown of an event is escaped, however it is shown; the template
// is the user's.
func TestTemplateEscaped(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ template, want string }{
		{"\x1b[1m{{.a}}\x1b[m\n{{.a}}", "\x1b[1m\\x1b\\n\x1b[m\n\\x1b\\n\n"},
		{`{{printf "%s" .a}}{{with .a}}{{.}}{{end}}`, `\x1b\n\x1b\n` + "\n"},
		{`{{define "d"}}{{range .}}{{.}}{{end}}{{end}}{{template "d" .list}}`, `\x1b` + "\n"},
		{`{{range $k, $v := .}}{{$k}}{{end}}`, `alist\u009b` + "\n"},
		{"{{if .a}}{{.list}}{{else}}{{.a}}{{end}}", "[\"\\u001b\"]\n"},
	} {
		v, err := view.ParseTemplate(test.template, true)
		if err != nil {
			t.Fatal(err)
		}
		var s events.Scanner
		if err := s.Scan([]byte(`{"a":"\u001b\n","list":["\u001b"],"\u009b":1}`)); err != nil {
			t.Fatal(err)
		}
		if have, err := v.AppendEvent(nil, &s); string(have) != test.want || err != nil {
			t.Errorf("%s: %q, %v, want %q", test.template, have, err, test.want)
		}
	}
}

// Mistakes in a template say where they are if it has several lines.
func TestTemplateMistakes(t *testing.T) {
	t.Parallel()
	for template, want := range map[string]string{
		"{{.a":                                 "unclosed action",
		"a\n{{grep .a}}":                       `line 2: function "grep" not defined`,
		"{{grep .a}}":                          `function "grep" not defined`,
		"{{if .a}}":                            "unexpected EOF",
		"{{.a}}\n\n{{end}}":                    "line 3: unexpected {{end}}",
		"{{" + strings.Repeat("x", 100) + "}}": `function "` + strings.Repeat("x", 39) + "…",
	} {
		if _, err := view.ParseTemplate(template, false); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", template, err, want)
		}
	}
}

// A template that fails on an event says why, and shows nothing of it.
func TestTemplateFails(t *testing.T) {
	t.Parallel()
	v, err := view.ParseTemplate("x{{index .list 5}}", false)
	if err != nil {
		t.Fatal(err)
	}
	var s events.Scanner
	if err := s.Scan([]byte(templateEvent)); err != nil {
		t.Fatal(err)
	}
	have, err := v.AppendEvent([]byte("before"), &s)
	if string(have) != "before" || err != error(v) {
		t.Errorf("%q, %v", have, err)
	}
	const want = "<index .list 5>: error calling index: index out of range: 5"
	if why := v.Explain(t.Context(), &s); why.Error() != want {
		t.Errorf("%v, want %s", why, want)
	}
}
