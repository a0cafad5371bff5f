package seal

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"hash"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"auditctl/pkg/seal/internal/merkle"
)

// A bundleReader reads a bundle once.
type bundleReader struct {
	in     *bufio.Reader
	lines  *bufio.Writer // nil: nobody wants them
	at     int64         // how many lines of the text were begun
	piece  []byte        // the last piece of the current one
	ended  bool          // it has its line feed
	size   int64         // lines of the log
	erased *erasures     // nil as long as there is no list of them
	verify note.Verifier
	stack  merkle.Stack
	sum    hash.Hash
	leaf   tlog.Hash // of the last line of the log
	report BundleReport
}

func (r *bundleReader) malformed(format string, args ...any) error {
	return &MalformedBundleError{r.at, fmt.Sprintf(format, args...)}
}

// errCut is the error for a text that ends early.
var errCut = errors.New("cut off")

func (r *bundleReader) read(o VerifyOptions) error {
	c, err := r.head(o)
	if err == nil {
		err = r.anchor(c, o)
	}
	if err != nil {
		return err
	}
	for r.stack.Leaves() < r.size {
		err = r.record()
		if err == errCut {
			return &ChangedError{Short: true, Reason: fmt.Sprintf("it ends after line %d of %d", r.stack.Leaves(), r.size)}
		}
		if err != nil {
			return err
		}
	}
	switch err := r.line(); {
	case err == nil, err == errCut && len(r.piece) > 0:
		return r.malformed("there is more after the end of the bundle")
	case err != errCut:
		return err
	}
	if r.stack.Root() != tlog.Hash(c.Root()) {
		return changedf("its lines, with the hashes between them, are not those that were sealed")
	}
	if r.report.Proven.Count == 0 {
		return r.malformed("it has no line of the log")
	}
	if r.report.Anchored > 0 && o.Verifier == nil {
		return unproven(r.report.Gone.First)
	}
	return nil
}

// head reads what comes before the lines.
func (r *bundleReader) head(o VerifyOptions) (c Checkpoint, err error) {
	switch err := r.line(); {
	case err == nil && string(r.piece) == bundleHead+"\r":
		return c, r.converted()
	case err == errCut, err == nil && string(r.piece) != bundleHead:
		return c, r.malformed("it is not a bundle, which begins with %q", bundleHead)
	case err != nil:
		return c, err
	}
	switch line, err := r.word(); {
	case err != nil:
		return c, r.cut(err)
	case line != "":
		return c, r.malformed("want a blank line")
	}
	if err := r.line(); err != nil {
		return c, r.cut(err)
	}
	signed, err := r.note(maxNote)
	if err != nil {
		return c, r.cut(err)
	}
	if c, err = ParseCheckpoint(signed, o.Verifier); err != nil {
		if !errors.Is(err, ErrOtherKey) {
			err = r.malformed("checkpoint: %v", err)
		}
		return c, err
	}
	r.size = c.Lines()
	r.report.Origin, r.report.Lines, r.report.Unverified = c.Origin(), c.Lines(), c.unverified
	if o.Origin != "" && o.Origin != c.Origin() {
		return c, changedf("the origin is %s, not %s", c.Origin(), o.Origin)
	}
	return c, nil
}

// anchor reports what vouches for the checkpoint.
func (r *bundleReader) anchor(c Checkpoint, o VerifyOptions) error {
	if o.Verifier != nil {
		r.report.Anchored = c.Lines()
	}
	if len(o.Against) == 0 {
		return nil
	}
	same, of := false, false
	for earlier, err := range checkpointsIn(o.Against, c.Origin(), o.Verifier) {
		of = true
		switch {
		case err != nil:
			return err
		case earlier.Lines() != c.Lines():
			continue
		case earlier.Root() != c.Root():
			return changedf("its checkpoint is not the one of %d lines to verify against", c.Lines())
		}
		same, r.report.Anchored = true, c.Lines()
		r.report.addUnverified(earlier.unverified)
	}
	switch {
	case !of:
		return changedf("none of the checkpoints to verify against is of %s", c.Origin())
	case !same:
		return fmt.Errorf("its checkpoint, of %d lines, is not among those to verify against: ask for a proof that the log grew from one of them to it, by prove --since", c.Lines())
	}
	return nil
}

// record reads the next lines of the log, or the hashes in their place.
func (r *bundleReader) record() error {
	if err := r.line(); err != nil {
		return err
	}
	switch {
	case bytes.HasPrefix(r.piece, []byte(omittedHead)):
		return r.omitted()
	case string(r.piece) == erasuresHead && r.erased == nil:
		return r.erasures()
	}
	number, text, ok := bytes.Cut(r.piece, []byte{' '})
	next := r.stack.Leaves() + 1
	switch n, isNumber := parseNumber(number); {
	case !ok || !isNumber:
		return r.malformed("want line %d, or what is omitted from there on", next)
	case n != next:
		return r.malformed("want line %d, not %d", next, n)
	}
	return r.logLine(text)
}

// parseNumber parses the number of a line, of which it has only one form.
func parseNumber(text []byte) (n int64, ok bool) {
	if len(text) == 0 || len(text) > 18 || text[0] == '0' {
		return 0, false
	}
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + int64(c-'0')
	}
	return n, true
}

// erasures reads the list of what was erased, which is before the first line that was.
func (r *bundleReader) erasures() error {
	signed, err := r.note(maxErasures)
	if err != nil {
		return err
	}
	r.erased, err = parseErasures(signed, r.verify)
	switch {
	case errors.Is(err, ErrOtherKey):
		return err
	case err != nil:
		return r.malformed("%v", err)
	case r.erased.origin != r.report.Origin || r.erased.lines.last() > r.size:
		return r.malformed("the list of erasures is of another log")
	}
	r.report.addUnverified(r.erased.unverified)
	return nil
}

// logLine reads a line of the log, whose first piece is given.
func (r *bundleReader) logLine(piece []byte) error {
	number := r.stack.Leaves() + 1
	var erasure *Erasure
	if r.erased != nil {
		erasure = r.erased.of(number)
	}
	var event []byte
	r.sum.Reset()
	r.sum.Write(leafPrefix)
	for {
		r.sum.Write(piece)
		if erasure != nil && len(event) <= maxErasures {
			event = append(event, piece...)
		}
		if r.lines != nil {
			if _, err := r.lines.Write(piece); err != nil {
				return err
			}
		}
		if r.ended {
			break
		}
		if err := r.more(); err != nil {
			return err
		}
		piece = r.piece
	}
	if r.lines != nil {
		if err := r.lines.WriteByte('\n'); err != nil {
			return err
		}
	}
	r.sum.Sum(r.leaf[:0])
	leaf := r.leaf
	if erasure != nil {
		var ok bool
		if leaf, ok = erasure.isEvent(event, number); !ok {
			return changedf("line %d was erased, and what took its place was changed", number)
		}
		r.report.Gone.add(number)
	}
	r.stack.Add(0, leaf)
	r.report.Proven.add(number)
	return nil
}

// omitted reads the hashes in the place of lines that are omitted.
func (r *bundleReader) omitted() error {
	first := r.stack.Leaves() + 1
	text := string(r.piece[len(omittedHead):])
	lines, err := ParseLines(text)
	switch {
	case bytes.HasSuffix(r.piece, []byte{'\r'}):
		return r.converted()
	case err != nil, len(lines) != 1, lines.String() != text, lines[0].First != first, lines[0].Last > r.size:
		return r.malformed("want what is omitted from line %d on, up to line %d at most", first, r.size)
	}
	for level := range merkle.Subtrees(first-1, lines[0].Last) {
		line, err := r.word()
		if err != nil {
			return err
		}
		h, ok := parseHash(line)
		if !ok {
			return r.malformed("want a hash")
		}
		r.stack.Add(level, h)
	}
	return nil
}
