package view

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"text/template"

	"auditctl/cmd/internal/terminal"
	"auditctl/pkg/events"
)

// A templateRun executes a template for one event at a time.
type templateRun struct {
	template *template.Template
	escaped  bool
	event    map[string]any             // those of its keys that are not null
	spelled  map[container]events.Value // how objects and arrays are spelled
	dst      []byte
}

// A container identifies an object or array by where it is in memory.
type container struct {
	at     uintptr
	length int
}

func containerOf(v any) container {
	r := reflect.ValueOf(v)
	return container{r.Pointer(), r.Len()}
}

// Write appends text that is shown.
func (r *templateRun) Write(text []byte) (int, error) {
	r.dst = append(r.dst, text...)
	return len(text), nil
}

// forget drops what belongs to the event.
func (r *templateRun) forget() {
	clear(r.event)
	clear(r.spelled)
	r.dst = nil
}

// set sets a key of the event; of several values the last one counts.
func (r *templateRun) set(key string, val events.Value) {
	if decoded := r.decode(val); decoded != nil {
		r.event[key] = decoded
	} else {
		delete(r.event, key)
	}
}

// decode returns a value as templates work with it; nil if it is null or absent.
func (r *templateRun) decode(val events.Value) any {
	switch val.Kind() {
	case events.String:
		return val.String()
	case events.Number:
		return json.Number(val)
	case events.Bool:
		return val[0] == 't'
	case events.Object:
		object := map[string]any{}
		for key, member := range val.Members() {
			if decoded := r.decode(member); decoded != nil {
				object[string(key)] = decoded
			} else {
				delete(object, string(key))
			}
		}
		r.spelled[containerOf(object)] = val
		return object
	case events.Array:
		list := make([]any, 0, 1) // with a place of its own in memory
		for elem := range val.Elements() {
			list = append(list, r.decode(elem))
		}
		r.spelled[containerOf(list)] = val
		return list
	}
	return nil
}

// functions returns the functions of templates: those that they may call, and those that
// rewrite adds.
func (r *templateRun) functions() template.FuncMap {
	return template.FuncMap{
		"json":  r.json,
		"float": float,
		shownAs: r.shown,
		within:  at,

		"print":    func(args ...any) string { return fmt.Sprint(r.spell(args)...) },
		"printf":   func(format string, args ...any) string { return fmt.Sprintf(format, r.spell(args)...) },
		"println":  func(args ...any) string { return fmt.Sprintln(r.spell(args)...) },
		"html":     func(args ...any) string { return template.HTMLEscaper(r.spell(args)...) },
		"js":       func(args ...any) string { return template.JSEscaper(r.spell(args)...) },
		"urlquery": func(args ...any) string { return template.URLQueryEscaper(r.spell(args)...) },
	}
}

// spell replaces the arguments of a function by their texts where package fmt has others:
// what is missing is empty, objects and arrays are as in the line.
func (r *templateRun) spell(args []any) []any {
	for i, arg := range args {
		switch arg.(type) {
		case nil:
			args[i] = ""
		case map[string]any, []any:
			args[i], _ = r.json(arg) // what was decoded can be encoded
		}
	}
	return args
}

// json returns a value as JSON, as it is spelled in the line if it is from there.
func (r *templateRun) json(v any) (string, error) {
	switch v := v.(type) {
	case map[string]any, []any:
		if spelled, ok := r.spelled[containerOf(v)]; ok {
			return string(spelled), nil
		}
	}
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return string(bytes.TrimSuffix(text.Bytes(), []byte("\n"))), err
}

// float returns a number to compare or format, 0 for what is none.
func float(v any) float64 {
	n, _ := v.(json.Number)
	f, _ := n.Float64()
	return f
}

// shown returns a value as it is shown.
func (r *templateRun) shown(v any) (text string, err error) {
	switch v := v.(type) {
	case nil:
	case string:
		text = v
	case map[string]any, []any:
		text, err = r.json(v)
	default:
		text = fmt.Sprint(v)
	}
	if r.escaped {
		text = terminal.Escape(text)
	}
	return text, err
}

// at returns what is below some keys of a value, nil if there is nothing.
func at(v any, keys ...string) any {
	for _, key := range keys {
		object, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = object[key]
	}
	return v
}
