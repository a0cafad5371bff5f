package message

import (
	"crypto/rand"
	"crypto/sha256"
	"hash"

	"auditctl/pkg/events"
)

// A Labeller makes messages of lines. It is not safe for concurrent use.
type Labeller struct {
	prefix  string
	run     string // the name of the origin that is this run
	origins map[string]*origin
	current *origin
	hash    hash.Hash
	scanner events.Scanner
	subject []byte            // scratch
	known   map[string]string // subjects, to share their strings
}

// NewLabeller returns a Labeller whose messages have subjects with a prefix. From must be
// called before Label.
func NewLabeller(prefix string) *Labeller {
	return &Labeller{prefix: prefix, run: thisRun(), origins: map[string]*origin{}, hash: sha256.New(), known: map[string]string{}}
}

// From sets the origin of the lines that follow. One that was set before continues. The
// empty name means this run.
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

// Label makes a message of a line. The message keeps its bytes.
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

// share returns the subject as a string, usually one that was returned before.
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

// thisRun returns the name of an origin that no other run has.
func thisRun() string { return "run " + rand.Text() }
