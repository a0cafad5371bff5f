package seal

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// An Erasure is lines that were erased together.
type Erasure struct {
	Lines  Lines
	Time   time.Time // in full seconds
	Reason string
}

// Erasures is what was erased of a log: a signed note with the text
//
//	auditctl erasures
//	<origin>
//	erased <RFC 3339> <lines> <quoted reason>
//
// with a line for each Erasure, oldest first. No line of the log is in two of them. What
// takes the place of an erased line follows from this and from the tree, see
// [Erasure.appendEvent]; so it is signed, too.
type erasures struct {
	origin string
	all    []Erasure

	signed     []byte   // the note that it was read from
	lines      Lines    // of all of them
	at         []placed // sorted
	unverified []string // the keys of signatures that were not verified
}

// A placed is a range of lines and the Erasure it is in.
type placed struct {
	LineRange
	erasure int
}

// A version is how many of the erasures a manifest knows, and the hash of their text.
type version struct {
	count int64
	hash  tlog.Hash
}

const erasuresHead = "auditctl erasures"

// maxErasures is how long the list of erasures may be, in bytes: enough for millions of
// lines none of which are neighbors.
const maxErasures = 64 << 20

var errErasures = errors.New("malformed list of erasures")

func (e *Erasure) appendTo(text []byte) []byte {
	text = fmt.Appendf(text, "erased %s ", e.Time.UTC().Format(time.RFC3339))
	return fmt.Appendf(e.Lines.appendTo(text), " %q\n", e.Reason)
}

// text returns the text of the first erasures.
func (l *erasures) text(count int) string {
	text := fmt.Appendf(nil, "%s\n%s\n", erasuresHead, l.origin)
	for i := range l.all[:count] {
		text = l.all[i].appendTo(text)
	}
	return string(text)
}

// version returns the version that has the first erasures.
func (l *erasures) version(count int) version {
	if count == 0 {
		return version{}
	}
	return version{int64(count), tlog.RecordHash([]byte(l.text(count)))}
}

// with returns the list with another erasure.
func (l *erasures) with(e Erasure) (*erasures, error) {
	more := &erasures{origin: l.origin, all: append(slices.Clip(l.all), e), unverified: l.unverified}
	return more, more.index()
}

// index prepares the list for looking up lines. It is an error if one is in two erasures.
func (l *erasures) index() error {
	var ranges []LineRange
	for i, e := range l.all {
		ranges = append(ranges, e.Lines...)
		for _, r := range e.Lines {
			l.at = append(l.at, placed{r, i})
		}
	}
	slices.SortFunc(l.at, func(a, b placed) int { return cmp.Compare(a.First, b.First) })
	for i := range l.at[min(1, len(l.at)):] {
		if l.at[i+1].First <= l.at[i].Last {
			return errErasures
		}
	}
	l.lines = LinesOf(ranges...)
	return nil
}

// of returns the erasure that a line is in, nil if it was not erased.
func (l *erasures) of(line int64) *Erasure {
	i := l.from(line)
	if i == len(l.at) || l.at[i].First > line {
		return nil
	}
	return &l.all[l.at[i].erasure]
}

// from returns the index of the first range that ends with a line or after it.
func (l *erasures) from(line int64) int {
	return sort.Search(len(l.at), func(i int) bool { return l.at[i].Last >= line })
}

// since returns the lines of the erasures that a version does not have.
func (l *erasures) since(v version) Lines {
	var ranges []LineRange
	for _, e := range l.all[v.count:] {
		ranges = append(ranges, e.Lines...)
	}
	return LinesOf(ranges...)
}

// parseErasures parses a signed list and verifies its signature, unless v is nil. A text
// that differs from that of text is malformed.
func parseErasures(signed []byte, v note.Verifier) (*erasures, error) {
	text, unverified, err := openNote(signed, v)
	if err != nil {
		return nil, err
	}
	l := &erasures{signed: signed, unverified: unverified}
	rest, _ := strings.CutPrefix(text, erasuresHead+"\n")
	l.origin, rest, _ = strings.Cut(rest, "\n")
	for rest != "" {
		var entry string
		entry, rest, _ = strings.Cut(rest, "\n")
		fields := strings.SplitN(entry, " ", 4)
		if len(fields) != 4 {
			return nil, errErasures
		}
		var e Erasure
		e.Time, _ = time.Parse(time.RFC3339, fields[1])
		e.Lines, _ = ParseLines(fields[2])
		e.Reason, _ = strconv.Unquote(fields[3])
		if len(e.Lines) == 0 {
			return nil, errErasures
		}
		l.all = append(l.all, e)
	}
	if l.text(len(l.all)) != text {
		return nil, errErasures
	}
	return l, l.index()
}

// erasures reads the list of what was erased, which must have what the manifest knows. It
// has nothing in it if there is none. The signature is verified unless v is nil.
func (s *sidecar) erasures(m *manifest, v note.Verifier) (*erasures, error) {
	signed, err := s.readFile(erasuresName, maxErasures)
	switch {
	case errors.Is(err, fs.ErrNotExist) && m.erased.count == 0:
		return &erasures{origin: m.origin}, nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, changedf("%s is missing", s.path(erasuresName))
	case err != nil:
		return nil, err
	case len(signed) > maxErasures:
		return nil, changedf("%s is too large", s.path(erasuresName))
	}
	l, err := parseErasures(signed, v)
	if err != nil {
		return nil, s.unreadable(erasuresName, err)
	}
	known := int64(len(l.all)) >= m.erased.count && l.version(int(m.erased.count)) == m.erased
	if !known || l.origin != m.origin || l.lines.last() > m.tree.N {
		return nil, changedf("%s is not what was signed", s.path(erasuresName))
	}
	return l, nil
}

// Erasures returns what is listed as erased, oldest first. Nothing is verified. The error is
// [ErrNotSealed] if the log was never sealed.
func (l Log) Erasures() ([]Erasure, error) {
	l, s, err := l.openToRead()
	if err != nil {
		return nil, err
	}
	defer s.Close()
	ld, err := l.load(context.Background(), s, nil, nil)
	if err != nil {
		return nil, err
	}
	return ld.erasures.all, nil
}
