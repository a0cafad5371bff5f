package otlpreceiver

import (
	"iter"

	"auditctl/pkg/events"
)

// splitFrom is the size from which a request becomes several lines, each about as large at
// most, so that what is made of it needs little memory at a time.
const splitFrom = 1 << 20

// Lines returns the request in the JSON encoding of OTLP: as one line, or as several that
// together have its log records in their order, each with its resource and scope. A line
// has its line feed, and is valid until the next one. There is none if the request is
// empty.
func (q *Request) Lines() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		switch {
		case len(q.body) == 0:
		case len(q.body) >= splitFrom && q.json:
			s := splitter{yield: yield}
			s.splitJSON(q.body)
		case len(q.body) >= splitFrom:
			s := splitter{yield: yield}
			s.splitProtobuf(q.body)
		case q.json:
			yield(append(q.body, '\n'))
		default:
			yield(append(appendMessage(nil, request, q.body), '\n'))
		}
	}
}

// A splitter writes log records as lines.
type splitter struct {
	yield    func(line []byte) bool
	line     []byte
	resource []byte // what a line begins with, for records of the resource
	scope    []byte // what follows, for those of the scope
	begun    bool   // a line has the resource and the scope already
}

// in sets the resource and the scope of the records that follow: members of the objects
// that have the lists of them.
func (s *splitter) in(resource, scope []byte) bool {
	ok := s.end()
	s.resource, s.scope = resource, scope
	return ok
}

// record adds a record to the line, which begins another one if that is large.
func (s *splitter) record(add func(dst []byte) []byte) bool {
	if len(s.line) > splitFrom && len(s.line) > 2*(len(s.resource)+len(s.scope)) && !s.end() {
		return false
	}
	if !s.begun {
		s.begun = true
		s.line = append(s.line[:0], `{"resourceLogs":[{`...)
		s.line = append(append(s.line, s.resource...), `"scopeLogs":[{`...)
		s.line = append(append(s.line, s.scope...), `"logRecords":[`...)
	} else {
		s.line = append(s.line, ',')
	}
	s.line = add(s.line)
	return true
}

// end ends the line, if one was begun.
func (s *splitter) end() bool {
	if !s.begun {
		return true
	}
	s.begun = false
	return s.yield(append(s.line, "]}]}]}\n"...))
}

func (s *splitter) splitProtobuf(body []byte) {
	whole := fieldsOf(request, listIn(request), body, func(logs []byte) bool {
		resource := membersWithout(resourceLogs, logs)
		return fieldsOf(resourceLogs, listIn(resourceLogs), logs, func(logs []byte) bool {
			scope := membersWithout(scopeLogs, logs)
			return s.in(resource, scope) && fieldsOf(scopeLogs, listIn(scopeLogs), logs, func(record []byte) bool {
				return s.record(func(dst []byte) []byte { return appendMessage(dst, logRecord, record) })
			})
		})
	})
	if whole {
		s.end()
	}
}

// listIn is the index of the list that a message is for, its last field.
func listIn(of message) int { return len(schema[of].fields) - 1 }

// membersWithout returns the members of a message without its list, each with a comma.
func membersWithout(of message, encoded []byte) []byte {
	members := appendFields(nil, of, encoded, listIn(of))
	if len(members) > 0 {
		members = append(members, ',')
	}
	return members
}

// splitJSON splits a request that has nothing but log records; another one stays whole.
func (s *splitter) splitJSON(body []byte) {
	list, rest := cutList(body, "resourceLogs")
	if len(rest) > 0 {
		s.yield(append(body, '\n'))
		return
	}
	for logs := range list.Elements() {
		list, resource := cutList(logs, "scopeLogs")
		for logs := range list.Elements() {
			list, scope := cutList(logs, "logRecords")
			if !s.in(resource, scope) {
				return
			}
			for record := range list.Elements() {
				if !s.record(func(dst []byte) []byte { return append(dst, record...) }) {
					return
				}
			}
		}
	}
	s.end()
}

// cutList returns the list of an object, and its other members, each with a comma. Of a
// list that occurs twice the last one counts.
func cutList(object events.Value, name string) (list events.Value, others []byte) {
	if object.Kind() != events.Object {
		return nil, nil
	}
	for key, value := range object.Members() {
		if string(key) == name {
			list = value
			continue
		}
		others = append(append(appendText(others, key), ':'), value...)
		others = append(others, ',')
	}
	return list, others
}
