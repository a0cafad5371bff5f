package cmd

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"auditctl/cmd/internal/report"
	"auditctl/pkg/seal"
)

// runVerifyProof checks a proof that a log grew, or else that the line on standard
// input is in a log.
func runVerifyProof(s Streams, o *verifyOptions, opts seal.VerifyOptions) error {
	proof, err := seal.ReadFile(o.proof)
	if err != nil {
		return err
	}
	growth := seal.IsGrowthProof(proof)
	switch {
	case growth && opts.Against == nil:
		return usagef("%s shows that a log grew: add --against FILE with the checkpoint that it grew from", o.proof)
	case !growth && opts.Against != nil:
		return usagef("%s is the proof of a line: drop --against", o.proof)
	}
	v := verdict{File: o.proof}
	var c seal.Checkpoint
	if growth {
		c, err = seal.VerifyGrowth(opts.Against, proof, opts.Verifier)
		earlier, _ := seal.ParseCheckpoint(opts.Against, opts.Verifier)
		v.Unverified = earlier.Unverified()
		v.proven = fmt.Sprintf("%s grew to %s from what it was in %s", c.Origin(), report.Counted(c.Lines(), "line"), o.against)
	} else {
		if !o.quiet {
			awaitTyping(s, s.reporter(), "")
		}
		line, readErr := readOneLine(s.In)
		if readErr != nil {
			return readErr
		}
		v.File = "stdin"
		v.provenLine, c, err = seal.VerifyLine(line, proof, opts.Verifier)
		v.proven = fmt.Sprintf("it is line %d of %d, %s", v.provenLine, c.Lines(), c.Origin())
	}
	var changed *seal.ChangedError
	switch {
	case errors.As(err, &changed):
		v.Verdict, v.Reason = seal.Changed, changed.Reason
	case errors.Is(err, seal.ErrOtherKey):
		v.Verdict, v.Reason = seal.OtherKey, err.Error()
	case err != nil:
		return report.Named("read", o.proof, err)
	case o.origin != "" && o.origin != c.Origin():
		v.Verdict, v.Reason = seal.Changed, fmt.Sprintf("the origin is %s, not %s", c.Origin(), o.origin)
	case opts.Verifier == nil:
		v.Verdict = seal.Unanchored
	default:
		v.Verdict, v.Anchored = seal.Intact, c.Lines()
	}
	v.Origin, v.Lines, v.Unverified = c.Origin(), c.Lines(), union(v.Unverified, c.Unverified())
	if err := o.print(s.Out, v); err != nil {
		return err
	}
	if !v.Verdict.OK() {
		return statusNo
	}
	return nil
}

// readOneLine reads standard input, which must be one line, with or without a line
// feed.
func readOneLine(in io.Reader) ([]byte, error) {
	line, err := io.ReadAll(in)
	if err != nil {
		return nil, report.Named("read", "stdin", err)
	}
	line = bytes.TrimSuffix(line, []byte{'\n'})
	if bytes.IndexByte(line, '\n') >= 0 {
		return nil, usagef("standard input has more than one line: a proof is of one")
	}
	return line, nil
}
