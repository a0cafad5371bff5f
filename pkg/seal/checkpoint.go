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

// A Checkpoint is the state of a log's tree at some time, as in c2sp.org/tlog-checkpoint.
// The zero Checkpoint is none.
type Checkpoint struct {
	body       torchwood.Checkpoint // what is signed
	signed     []byte               // as it was read
	unverified []string
}

// Origin returns the name that the log has in its checkpoints.
func (c Checkpoint) Origin() string { return c.body.Origin }

// Lines returns the number of lines in the tree.
func (c Checkpoint) Lines() int64 { return c.body.N }

// Root returns the root hash of the tree.
func (c Checkpoint) Root() [sha256.Size]byte { return c.body.Hash }

// Signed returns the checkpoint as a signed note, to be kept elsewhere. It must not be
// modified.
func (c Checkpoint) Signed() []byte { return c.signed }

// Unverified returns the keys of the signatures that were not verified, each as NAME+ID.
// Such signatures prove nothing: anybody may have written them, and their names.
func (c Checkpoint) Unverified() []string { return c.unverified }

// ErrOtherKey is the error for a note without a valid signature by the expected key.
var ErrOtherKey = errors.New("not signed by this key")

// maxLines is how many lines a log may have: more than any real log has, and few enough
// to calculate with.
const maxLines = 1 << 48

// ParseCheckpoint parses a signed checkpoint and verifies its signature, unless v is nil.
// The Checkpoint keeps signed. The error is [ErrOtherKey] if v did not sign it.
func ParseCheckpoint(signed []byte, v note.Verifier) (Checkpoint, error) {
	text, unverified, err := openNote(signed, v)
	if err != nil {
		return Checkpoint{}, err
	}
	c, err := torchwood.ParseCheckpoint(text)
	if err == nil && c.N > maxLines {
		err = fmt.Errorf("a log cannot have %d lines", c.N)
	}
	return Checkpoint{c, signed, unverified}, err
}

// openNote returns the text of a signed note and the keys of the signatures that were not
// verified. It verifies that of v, unless v is nil.
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
	// A signature has only one valid encoding.
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

// noteSignature is the prefix of a signature line.
const noteSignature = "— "

// noteLength returns the length of the signed note at the start of data, 0 if it is
// incomplete: a text up to a blank line, and the signature lines after that.
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

// splitNotes is a [bufio.SplitFunc] for a sequence of signed notes.
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
