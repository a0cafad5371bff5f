package seal

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// newest returns what a log is sealed as.
func (l Log) newest(v note.Verifier) (Checkpoint, error) {
	s := l.sidecar()
	lock, err := s.lock(true)
	if err != nil {
		if err := l.check(); err != nil {
			return Checkpoint{}, err
		}
		return Checkpoint{}, ErrNotSealed
	}
	defer lock.Close()
	st, err := s.load(v, false)
	if err == nil && !st.signed {
		err = ErrNotSealed
	}
	if err != nil {
		return Checkpoint{}, err
	}
	return st.last, nil
}

// ProveLine returns the proof that a line, counted from 1, is in the log, as
// c2sp.org/tlog-proof has it. It holds the newest checkpoint. Where the log was
// rotated lines are counted from the first file on.
func (l Log) ProveLine(line int64) ([]byte, error) {
	l = l.resolve()
	c, err := l.newest(nil)
	if err != nil {
		return nil, err
	}
	if line < 1 || line > c.N {
		return nil, fmt.Errorf("no line %d: %d lines are sealed", line, c.N)
	}
	s := l.sidecar()
	proof, err := tlog.ProveRecord(c.N, line-1, s.tree(c.Tree))
	if err != nil {
		return nil, s.mistaken(err)
	}
	return torchwood.FormatProof(line-1, proof, c.signed), nil
}

// ProveGrowth returns the proof that the log grew from an earlier checkpoint of
// it. It has the form of a request to a witness, as c2sp.org/tlog-witness has it
// for add-checkpoint: the earlier size, the proof and the newest checkpoint.
func (l Log) ProveGrowth(earlier []byte) ([]byte, error) {
	l = l.resolve()
	before, err := ParseCheckpoint(earlier, nil)
	if err != nil {
		return nil, err
	}
	now, err := l.newest(nil)
	if err != nil {
		return nil, err
	}
	s := l.sidecar()
	if err := s.grewFrom(before, now); err != nil {
		return nil, err
	}
	var proof tlog.TreeProof
	if before.N > 0 {
		if proof, err = tlog.ProveTree(now.N, before.N, s.tree(now.Tree)); err != nil {
			return nil, s.mistaken(err)
		}
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%s%d\n", growthHead, before.N)
	for _, h := range proof {
		fmt.Fprintf(&text, "%v\n", h)
	}
	fmt.Fprintf(&text, "\n%s", now.signed)
	return []byte(text.String()), nil
}

const growthHead = "old "

// IsGrowthProof reports whether a proof is one that [Log.ProveGrowth] makes.
func IsGrowthProof(proof []byte) bool { return strings.HasPrefix(string(proof), growthHead) }

// VerifyLine checks the proof that a line, without its line feed, is in a log, and
// returns its number and the checkpoint in the proof. The signature of that is
// checked unless the verifier is nil. The error is a [*ChangedError] if the line is
// not the one that the proof is of.
func VerifyLine(line, proof []byte, v note.Verifier) (number int64, c Checkpoint, err error) {
	head, signed, ok := strings.Cut(string(proof), "\n\n")
	if !ok {
		return 0, Checkpoint{}, errors.New("not a proof: it has no checkpoint")
	}
	if c, err = ParseCheckpoint([]byte(signed), v); err != nil {
		return 0, Checkpoint{}, err
	}
	policy := torchwood.ThresholdPolicy(2, torchwood.OriginPolicy(c.Origin), anySigner{v})
	err = torchwood.VerifyProof(policy, tlog.RecordHash(line), proof)
	var record *torchwood.VerifyRecordError
	if errors.As(err, &record) {
		return record.Index + 1, c, changedf("it is not line %d of %s", record.Index+1, c.Origin)
	}
	if err != nil {
		return 0, Checkpoint{}, err
	}
	for _, field := range strings.Split(head, "\n") {
		if index, ok := strings.CutPrefix(field, "index "); ok {
			number, err = strconv.ParseInt(index, 10, 64)
		}
	}
	return number + 1, c, err
}

// VerifyGrowth checks the proof that a log grew from an earlier checkpoint, and
// returns the one in the proof. Signatures are checked unless the verifier is nil.
func VerifyGrowth(earlier, proof []byte, v note.Verifier) (Checkpoint, error) {
	before, err := ParseCheckpoint(earlier, v)
	if err != nil {
		return Checkpoint{}, err
	}
	head, signed, ok := strings.Cut(string(proof), "\n\n")
	if !ok {
		return Checkpoint{}, errors.New("not a proof: it has no checkpoint")
	}
	now, err := ParseCheckpoint([]byte(signed), v)
	if err != nil {
		return Checkpoint{}, err
	}
	lines := strings.Split(head, "\n")
	size, err := strconv.ParseInt(strings.TrimPrefix(lines[0], growthHead), 10, 64)
	if err != nil {
		return Checkpoint{}, errors.New("not a proof of growth: want the earlier size in its first line")
	}
	var hashes tlog.TreeProof
	for _, line := range lines[1:] {
		h, err := base64.StdEncoding.Strict().DecodeString(line)
		if err != nil || len(h) != tlog.HashSize {
			return Checkpoint{}, errors.New("not a proof of growth: malformed hash")
		}
		hashes = append(hashes, tlog.Hash(h))
	}
	switch {
	case size != before.N:
		return now, changedf("the proof is about %d lines, the earlier checkpoint about %d", size, before.N)
	case before.Origin != now.Origin:
		return now, changedf("the earlier checkpoint is of %s, the proof of %s", before.Origin, now.Origin)
	case size == 0:
		return now, nil
	}
	if err := tlog.CheckTree(hashes, now.N, now.Hash, before.N, before.Hash); err != nil {
		return now, changedf("the log did not grow from the earlier checkpoint")
	}
	return now, nil
}

// anySigner is a policy that one key must have signed, or, without a key, anyone.
type anySigner struct{ v note.Verifier }

var _ torchwood.Policy = anySigner{}

func (a anySigner) Check(_ string, sigs []note.Signature) error {
	if len(sigs) == 0 {
		return errors.New("not signed")
	}
	return nil
}

func (a anySigner) Verifier(name string, hash uint32) (note.Verifier, error) {
	switch {
	case a.v == nil:
		return unchecked{name, hash}, nil
	case a.v.Name() != name || a.v.KeyHash() != hash:
		return nil, &note.UnknownVerifierError{Name: name, KeyHash: hash}
	}
	return a.v, nil
}

// unchecked is a verifier that takes every signature.
type unchecked struct {
	name string
	hash uint32
}

func (u unchecked) Name() string                { return u.name }
func (u unchecked) KeyHash() uint32             { return u.hash }
func (u unchecked) Verify(msg, sig []byte) bool { return true }
