package jetstream

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"strconv"
	"strings"

	"auditctl/pkg/events"
)

// A message is a line on its way.
type message struct {
	subject string
	id      string
	origin  string // a mark that the lines of one origin have in common; empty: not known
	line    []byte // without its line feed

	// begins is set for the first line of an origin that has a name: lines of an
	// earlier run may be in the stream.
	begins bool
}

// number is the line's number in its origin, from 0; below zero if it is not known.
func (m *message) number() int64 { return numberOf(m.id) }

func numberOf(id string) int64 {
	_, number, _ := strings.Cut(id, ".")
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// size is about how many bytes a message takes on its way.
func (m *message) size() int { return len(m.line) + len(m.subject) + headerRoom }

// An origin gives the lines of one place their ids. An id is a hash of the
// origin's name and of all its lines up to that one, and the line's number from
// 0: so the same lines from the same place get the same ids, in whatever run,
// and a line behind others than before, as in a file that was written anew, gets
// another one. The mark is a hash of the name and the first line.
type origin struct {
	named bool
	next  int64
	chain [sha256.Size]byte
	mark  string
}

// markLength is how many digits the mark of an origin has.
const markLength = 16

// newOrigin returns an origin whose lines go to subjects with some prefix: a server
// drops the second of two messages with one id wherever in the stream they go.
func newOrigin(prefix, name string, named bool) *origin {
	return &origin{named: named, chain: sha256.Sum256([]byte("auditctl origin\n" + prefix + "\n" + name))}
}

// id returns the id of the next line.
func (o *origin) id(line []byte, h hash.Hash) (id string, begins bool) {
	h.Reset()
	h.Write(o.chain[:])
	h.Write(line)
	h.Sum(o.chain[:0])
	var buf [32 + 1 + 20]byte
	text := hex.AppendEncode(buf[:0], o.chain[:16])
	text = strconv.AppendInt(append(text, '.'), o.next, 10)
	if o.next == 0 {
		o.mark = string(text[:markLength])
	}
	begins = o.named && o.next == 0
	o.next++
	return string(text), begins
}

// A labeller makes messages of lines.
type labeller struct {
	prefix  string
	run     string // names the origin that is this run only
	origins map[string]*origin
	current *origin
	hash    hash.Hash
	scanner events.Scanner
	subject []byte            // scratch
	known   map[string]string // subjects, so that many lines share one
}

func newLabeller(prefix string) *labeller {
	return &labeller{prefix: prefix, run: thisRun(), origins: map[string]*origin{}, hash: sha256.New(), known: map[string]string{}}
}

// from sets where the lines that follow come from.
func (l *labeller) from(name string, named bool) {
	if l.current = l.origins[name]; l.current == nil {
		l.current = newOrigin(l.prefix, name, named)
		l.origins[name] = l.current
	}
}

// label makes a message of a line, whose bytes it keeps.
func (l *labeller) label(line []byte) message {
	m := message{subject: l.subjectOf(line), line: line}
	m.id, m.begins = l.current.id(line, l.hash)
	m.origin = l.current.mark
	return m
}

func (l *labeller) subjectOf(line []byte) string {
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
func (l *labeller) share(subject []byte) string {
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
