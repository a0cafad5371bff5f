package message

import (
	"crypto/rand"
	"crypto/sha256"
	"hash"

	"auditctl/pkg/events"
)

// A Labeller makes messages of lines. It is for one goroutine.
type Labeller struct {
	prefix  string
	run     string // names the origin that is this run only
	origins map[string]*origin
	current *origin
	hash    hash.Hash
	scanner events.Scanner
	subject []byte            // scratch
	known   map[string]string // subjects, so that many lines share one
}

// NewLabeller returns a labeller whose messages have subjects with some prefix. What
// lines come from is to be set, with From, before any is labelled.
func NewLabeller(prefix string) *Labeller {
	return &Labeller{prefix: prefix, run: thisRun(), origins: map[string]*origin{}, hash: sha256.New(), known: map[string]string{}}
}

// From sets where the lines that follow come from. An origin that there was before goes
// on. The empty name is an origin that is this run only.
func (l *Labeller) From(name string) {
	if name != "" {
		l.from("named "+name, true)
		return
	}
	l.from(l.run, false)
}

func (l *Labeller) from(name string, named bool) {
	if l.current = l.origins[name]; l.current == nil {
		l.current = newOrigin(l.prefix, name, named)
		l.origins[name] = l.current
	}
}

// Label makes a message of a line, whose bytes it keeps.
func (l *Labeller) Label(line []byte) Message {
	m := Message{Subject: l.SubjectOf(line), Line: line}
	m.ID, m.Begins = l.current.id(line, l.hash)
	m.Origin = l.current.mark
	return m
}

// SubjectOf returns the subject of a line.
func (l *Labeller) SubjectOf(line []byte) string {
	l.subject = l.subject[:0]
	if err := l.scanner.Scan(line); err != nil {
		return l.share(append(l.subject, subjectOfOthers(l.prefix)...))
	}
	e, err := l.scanner.Event()
	if err != nil {
		return l.share(append(l.subject, subjectOfOthers(l.prefix)...))
	}
	return l.share(appendSubject(l.subject, l.prefix, l.scanner.Lookup("session_id"), e.Type()))
}

// share returns the subject as a string, most often one that was returned before.
func (l *Labeller) share(subject []byte) string {
	l.subject = subject
	if text, ok := l.known[string(subject)]; ok {
		return text
	}
	if len(l.known) >= 4096 {
		clear(l.known)
	}
	text := string(subject)
	l.known[text] = text
	return text
}

// thisRun names an origin that no other run has.
func thisRun() string { return "run " + rand.Text() }
