package view

import (
	"context"
	"errors"
	"strings"
	"sync"
	"text/template"

	"auditctl/cmd/internal/bounded"
	"auditctl/cmd/internal/report"
	"auditctl/pkg/events"
)

// A Template shows an event by a template of Go's text/template, and a line feed. What the
// template shows is a string's text, and any other value as it is spelled in the line. A
// key that is missing or null is empty, also within one that is no object. It is safe for
// concurrent use.
//
// A Template is also the error of an event on which it fails.
type Template struct {
	keys []string  // of the event that the template names
	all  bool      // it may show others as well
	runs sync.Pool // of *templateRun
}

// longestReason is how many characters of what is wrong with a template are shown: it may
// quote the template.
const longestReason = 50

// ParseTemplate parses a template. If escaped, what it shows of events is escaped for a
// terminal.
func ParseTemplate(text string, escaped bool) (*Template, error) {
	parsed, err := template.New("").Funcs((&templateRun{}).functions()).Parse(text)
	if err != nil {
		reason := strings.TrimPrefix(err.Error(), "template: :")
		if line, rest, ok := strings.Cut(reason, ": "); ok {
			if reason = rest; strings.Contains(text, "\n") {
				reason = "line " + line + ": " + rest
			}
		}
		return nil, errors.New(report.Brief(reason, longestReason))
	}
	v := &Template{}
	v.keys, v.all = rewrite(parsed)
	v.runs.New = func() any {
		r := &templateRun{escaped: escaped, event: map[string]any{}, spelled: map[container]events.Value{}}
		r.template = template.Must(parsed.Clone()).Funcs(r.functions())
		return r
	}
	return v, nil
}

// AppendEvent appends what the template shows of the event that s scanned. Its error is v.
func (v *Template) AppendEvent(dst []byte, s *events.Scanner) ([]byte, error) {
	shown, err := v.run(dst, s)
	if err != nil {
		return dst, v
	}
	return append(shown, '\n'), nil
}

func (v *Template) run(dst []byte, s *events.Scanner) ([]byte, error) {
	r := v.runs.Get().(*templateRun)
	if v.all {
		for key, val := range s.Members() {
			r.set(string(key), val)
		}
		r.spelled[containerOf(r.event)] = objectOf(s)
	} else {
		for _, key := range v.keys {
			r.set(key, s.Lookup(key))
		}
	}
	r.dst = dst
	err := r.template.Execute(r, r.event)
	dst = r.dst
	if r.forget(); !bounded.Outgrown(s.Line()) {
		v.runs.Put(r)
	}
	return dst, err
}

func (v *Template) Error() string { return "the template failed" }

// Explain returns why the template failed on the event that s scanned.
func (v *Template) Explain(_ context.Context, s *events.Scanner) error {
	_, err := v.run(nil, s)
	if err == nil {
		return v
	}
	_, reason, found := strings.Cut(err.Error(), " at <")
	if !found {
		return err
	}
	return errors.New("<" + reason)
}
