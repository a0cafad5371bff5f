package mcp

import (
	"errors"

	"auditctl/pkg/events"
)

// A message is one of JSON-RPC, or text that is none. Its values are nil where they are
// absent or null.
type message struct {
	id                    events.Value
	method                events.Value // a string; nil: the message is an answer
	params, result, error events.Value

	// previewed is the params, result or error again, but as far as a preview needs them
	// and with all keys, where those were not kept.
	previewed events.Value
	size      int64 // of a message of which not all was kept; else 0

	wrong string // why it is no message
	head  []byte // of that text, the beginning
}

// headLength is how much of a text that is no message is looked at: more than a preview has,
// even where a character ends there that takes several bytes.
const headLength = 4 << 10

// invalid returns the message that text is, which is none.
func invalid(text []byte, reason string) message {
	return message{wrong: reason, head: text[:min(len(text), headLength)]}
}

// A parser finds the messages of a line. The zero parser is ready to use.
type parser struct {
	scanner events.Scanner
	wrapped []byte // reused
}

// openBatch makes an object of a batch, which is an array, for the scanner.
const openBatch = `{"batch":`

// parse calls f for each message of a line: one, or those of a batch.
func (p *parser) parse(line []byte, f func(message)) {
	text := withoutMarks(line)
	if len(text) == 0 {
		return
	}
	if text[0] != '[' {
		if err := p.scanner.Scan(text); err != nil {
			f(invalid(line, reasonOf(err)))
			return
		}
		f(parsed(text))
		return
	}
	p.wrapped = append(append(append(p.wrapped[:0], openBatch...), text...), '}')
	switch err := p.scanner.Scan(p.wrapped); {
	case err != nil:
		f(invalid(line, reasonOf(err)))
	case p.scanner.Len() != 1:
		f(invalid(line, "text after the end of the batch"))
	default:
		empty := true
		for one := range p.scanner.Lookup("batch").Elements() {
			empty = false
			f(parsed(one))
		}
		if empty {
			f(invalid(line, "an empty batch"))
		}
	}
	if cap(p.wrapped) > maxKept {
		p.wrapped = nil
	}
}

func reasonOf(err error) string {
	var syntax *events.SyntaxError
	if errors.As(err, &syntax) {
		return syntax.Reason
	}
	return err.Error()
}

// parsed returns the message that a value is.
func parsed(v events.Value) message {
	var m message
	for key, val := range v.Members() {
		if to := m.member(string(key)); to != nil {
			*to = val.NonNull()
		}
	}
	if v.Kind() != events.Object {
		return invalid(v, "not a JSON object")
	}
	return m.checked(v)
}

// member returns where the value of a key goes, nil if nowhere.
func (m *message) member(key string) *events.Value {
	switch key {
	case "id":
		return &m.id
	case "method":
		return &m.method
	case "params":
		return &m.params
	case "result":
		return &m.result
	case "error":
		return &m.error
	}
	return nil
}

// checked returns the message, which was made of a text, or that it is none.
func (m message) checked(of []byte) message {
	switch {
	case m.method != nil && m.method.Kind() != events.String:
		return invalid(of, "the method is not a string")
	case m.id != nil && m.id.Kind() != events.String && m.id.Kind() != events.Number:
		return invalid(of, "the id is neither a string nor a number")
	case m.method == nil && m.result == nil && m.error == nil && m.id == nil:
		return invalid(of, "no JSON-RPC message: no method, result or error")
	}
	if m.previewed == nil {
		m.previewed = m.content()
	}
	return m
}

// content returns what a request asks for, or an answer says.
func (m message) content() events.Value {
	switch {
	case m.method != nil:
		return m.params
	case m.error != nil:
		return m.error
	}
	return m.result
}
