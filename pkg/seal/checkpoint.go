package seal

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
)

// A Checkpoint says what the tree of a log was at some time, as
// c2sp.org/tlog-checkpoint has it.
type Checkpoint struct {
	body       torchwood.Checkpoint // what is signed
	signed     []byte               // as it was read
	unverified []string
}

// Origin returns the name of the log.
func (c Checkpoint) Origin() string { return c.body.Origin }

// Lines returns how many lines the tree has.
func (c Checkpoint) Lines() int64 { return c.body.N }

// Root returns the hash of the tree.
func (c Checkpoint) Root() [sha256.Size]byte { return c.body.Hash }

// Signed returns the checkpoint as the signed note that is to be kept elsewhere. It
// is not to be changed.
func (c Checkpoint) Signed() []byte { return c.signed }

// Unverified returns whose signatures the checkpoint has that were not checked, each
// as the name and the id of a key, NAME+ID. They prove nothing: anybody may have
// written them. The names are not to be trusted either.
func (c Checkpoint) Unverified() []string { return c.unverified }

// ErrOtherKey is the error for what is not signed by the key that it should be
// signed by.
var ErrOtherKey = errors.New("not signed by this key")

// maxLines is how many lines a log may have: more than any has, and few enough to
// count with.
const maxLines = 1 << 48

// ParseCheckpoint reads a signed checkpoint, and checks its signature unless the
// verifier is nil.
func ParseCheckpoint(signed []byte, v note.Verifier) (Checkpoint, error) {
	text, unverified, err := openNote(signed, v)
	if err != nil {
		return Checkpoint{}, err
	}
	c, err := torchwood.ParseCheckpoint(text)
	if err == nil && c.N > maxLines {
		err = fmt.Errorf("a log of %d lines", c.N)
	}
	return Checkpoint{c, signed, unverified}, err
}

// openNote returns the text of a signed note, and whose signatures were not checked.
// That of the verifier is checked unless it is nil.
func openNote(signed []byte, v note.Verifier) (text string, unverified []string, err error) {
	known := note.VerifierList()
	if v != nil {
		known = note.VerifierList(v)
	}
	n, err := note.Open(signed, known)
	var noneVerified *note.UnverifiedNoteError
	var invalid *note.InvalidSignatureError
	switch {
	case errors.As(err, &noneVerified) && v == nil:
		n = noneVerified.Note
	case errors.As(err, &noneVerified), errors.As(err, &invalid):
		return "", nil, fmt.Errorf("%w, %s+%08x", ErrOtherKey, v.Name(), v.KeyHash())
	case err != nil:
		return "", nil, err
	}
	// One signature is one sequence of bytes: others that decode to it are not.
	for _, sig := range slices.Concat(n.Sigs, n.UnverifiedSigs) {
		if _, err := base64.StdEncoding.Strict().DecodeString(sig.Base64); err != nil {
			return "", nil, fmt.Errorf("malformed signature: %w", err)
		}
	}
	for _, sig := range n.UnverifiedSigs {
		unverified = append(unverified, fmt.Sprintf("%s+%08x", sig.Name, sig.Hash))
	}
	return n.Text, unverified, nil
}

// noteSignature is what a line with a signature begins with.
const noteSignature = "— "

// noteLength returns how long the signed note is that data begins with, 0 if it
// is not whole: what comes before a blank line, and the lines of signatures
// after that.
func noteLength(data []byte) int {
	n := bytes.Index(data, []byte("\n\n"+noteSignature))
	if n < 0 {
		return 0
	}
	n += len("\n\n")
	for bytes.HasPrefix(data[n:], []byte(noteSignature)) {
		end := bytes.IndexByte(data[n:], '\n')
		if end < 0 {
			return 0
		}
		n += end + 1
	}
	return n
}

var errTorn = errors.New("torn")

// splitNotes is a [bufio.SplitFunc] for signed notes one after the other.
func splitNotes(data []byte, atEOF bool) (advance int, token []byte, err error) {
	n := noteLength(data)
	switch {
	case len(data) == 0:
		return 0, nil, nil
	case n == 0 && atEOF:
		return 0, nil, errTorn
	case n == 0, len(data)-n < len(noteSignature) && !atEOF:
		return 0, nil, nil // more signatures may follow
	}
	return n, data[:n], nil
}
