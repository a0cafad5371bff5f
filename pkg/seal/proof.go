package seal

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// newest returns the newest checkpoint of a log.
func (l Log) newest(s *sidecar) (Checkpoint, error) {
	ld, err := l.loadWhole(s)
	if err != nil {
		return Checkpoint{}, err
	}
	return ld.last, nil
}

// loadWhole reads what was sealed. It is an error if storing that was interrupted.
func (l Log) loadWhole(s *sidecar) (*loaded, error) {
	ld, err := l.load(context.Background(), s, nil, nil)
	if err == nil && ld.interrupted {
		err = fmt.Errorf("storing the last seal was interrupted: seal %s again", l.Path)
	}
	return ld, err
}

// ProveLine returns a proof that a line is in the log, in the format of
// c2sp.org/tlog-proof, with the newest checkpoint. Lines are counted from 1, in a rotated
// log from the oldest sealed file on. The error is [ErrNotSealed] if the log was never
// sealed.
func (l Log) ProveLine(line int64) ([]byte, error) {
	l, s, err := l.openToRead()
	if err != nil {
		return nil, err
	}
	defer s.Close()
	c, err := l.newest(s)
	if err != nil {
		return nil, err
	}
	if line < 1 || line > c.body.N {
		return nil, fmt.Errorf("no line %d: %d lines are sealed", line, c.body.N)
	}
	proof, err := tlog.ProveRecord(c.body.N, line-1, s.tree(c.body.Tree))
	if err != nil {
		return nil, s.treeError(err)
	}
	return torchwood.FormatProof(line-1, proof, c.signed), nil
}

// ProveGrowth returns a proof that the log grew from an earlier signed checkpoint. It is an
// add-checkpoint request of c2sp.org/tlog-witness: the earlier size, the proof and the
// newest checkpoint. The error is a [*ChangedError] if the log did not.
func (l Log) ProveGrowth(earlier []byte) ([]byte, error) {
	before, err := ParseCheckpoint(earlier, nil)
	if err != nil {
		return nil, err
	}
	l, s, err := l.openToRead()
	if err != nil {
		return nil, err
	}
	defer s.Close()
	now, err := l.newest(s)
	if err != nil {
		return nil, err
	}
	if err := s.grewFrom(before, now); err != nil {
		return nil, err
	}
	var proof tlog.TreeProof
	if before.body.N > 0 {
		if proof, err = tlog.ProveTree(now.body.N, before.body.N, s.tree(now.body.Tree)); err != nil {
			return nil, s.treeError(err)
		}
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%s%d\n", growthHead, before.body.N)
	for _, h := range proof {
		fmt.Fprintf(&text, "%v\n", h)
	}
	fmt.Fprintf(&text, "\n%s", now.signed)
	return []byte(text.String()), nil
}

const growthHead = "old "

// IsGrowthProof reports whether a proof looks like one of [Log.ProveGrowth].
func IsGrowthProof(proof []byte) bool { return strings.HasPrefix(string(proof), growthHead) }

// VerifyLine verifies a proof that a line, given without its line feed, is in a log. It
// returns the number of the line and the checkpoint in the proof, whose signature it
// verifies unless v is nil. The error is a [*ChangedError] if the proof is of another
// line, and [ErrOtherKey] if v did not sign the checkpoint.
func VerifyLine(line, proof []byte, v note.Verifier) (number int64, c Checkpoint, err error) {
	head, hashes, c, err := parseProof(proof, v)
	if err != nil {
		return 0, Checkpoint{}, err
	}
	if len(head) == 3 && strings.HasPrefix(head[1], "extra ") {
		head = slices.Delete(head, 1, 2) // not part of the proof
	}
	index := int64(-1)
	if len(head) == 2 && head[0] == lineHead {
		if text, ok := strings.CutPrefix(head[1], "index "); ok {
			index, err = strconv.ParseInt(text, 10, 64)
		}
	}
	if err != nil || index < 0 || index >= c.body.N {
		return 0, Checkpoint{}, errors.New("not a proof of a line")
	}
	if tlog.CheckRecord(hashes, c.body.N, c.body.Hash, index, tlog.RecordHash(line)) != nil {
		return index + 1, c, changedf("it is not line %d of %s", index+1, c.body.Origin)
	}
	return index + 1, c, nil
}

// VerifyGrowth verifies a proof that a log grew from an earlier checkpoint, and returns the
// checkpoint in the proof. It verifies both signatures unless v is nil. The error is a
// [*ChangedError] if the proof fails, and [ErrOtherKey] if v did not sign a checkpoint.
func VerifyGrowth(earlier, proof []byte, v note.Verifier) (Checkpoint, error) {
	before, err := ParseCheckpoint(earlier, v)
	if err != nil {
		return Checkpoint{}, err
	}
	head, hashes, now, err := parseProof(proof, v)
	if err != nil {
		return Checkpoint{}, err
	}
	switch {
	case len(head) != 1 || head[0] != fmt.Sprint(growthHead, before.body.N):
		return now, changedf("the proof is not about the earlier checkpoint, of %d lines", before.body.N)
	case before.body.Origin != now.body.Origin:
		return now, changedf("the earlier checkpoint is of %s, the proof of %s", before.body.Origin, now.body.Origin)
	case before.body.N == 0:
		return now, nil
	case tlog.CheckTree(hashes, now.body.N, now.body.Hash, before.body.N, before.body.Hash) != nil:
		return now, changedf("the log did not grow from the earlier checkpoint")
	}
	return now, nil
}

// lineHead is the first line of a proof of a line.
const lineHead = "c2sp.org/tlog-proof@v1"

// parseProof parses a proof: head lines, hashes, a blank line and a checkpoint.
func parseProof(proof []byte, v note.Verifier) (head []string, hashes []tlog.Hash, c Checkpoint, err error) {
	text, signed, ok := strings.Cut(string(proof), "\n\n")
	if !ok {
		return nil, nil, c, errors.New("not a proof: it has no checkpoint")
	}
	for _, line := range strings.Split(text, "\n") {
		if h, ok := parseHash(line); ok {
			hashes = append(hashes, h)
			continue
		}
		if len(hashes) > 0 {
			return nil, nil, c, errors.New("not a proof: malformed hash")
		}
		head = append(head, line)
	}
	c, err = ParseCheckpoint([]byte(signed), v)
	return head, hashes, c, err
}

// parseHash parses a hash in base64, of which it has only one form.
func parseHash(text string) (h tlog.Hash, ok bool) {
	if len(text) != base64.StdEncoding.EncodedLen(tlog.HashSize) || strings.ContainsAny(text, "\r\n") { // which decoding ignores
		return h, false
	}
	decoded, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || len(decoded) != len(h) {
		return h, false
	}
	return tlog.Hash(decoded), true
}
