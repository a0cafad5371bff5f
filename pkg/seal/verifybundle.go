package seal

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"io"
)

// A BundleReport is what [VerifyBundle] found.
type BundleReport struct {
	Report // Lines is how many lines were sealed

	Proven LineCount // the lines that the bundle has
	Gone   LineCount // those of them that were erased, and are proven to have been there
}

// A LineCount is how many lines there are, and the first of them.
type LineCount struct {
	Count  int64
	Ranges int64 // that they are
	First  Lines // the first ten ranges

	last int64 // line
}

// add adds a line that comes after those before.
func (c *LineCount) add(line int64) {
	const most = 10
	if c.Count++; c.last == 0 || c.last != line-1 {
		if c.Ranges++; c.Ranges <= most {
			c.First = append(c.First, LineRange{line, line})
		}
	}
	if c.last = line; c.Ranges <= most {
		c.First[c.Ranges-1].Last = line
	}
}

// A MalformedBundleError is the error for a text that is not a bundle.
type MalformedBundleError struct {
	Line   int64 // of the text, from 1
	Reason string
}

func (e *MalformedBundleError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Reason) }

// VerifyBundle verifies a bundle that a [BundleWriter] wrote: that its lines are in the log
// with the numbers that it gives them. It does not prove that these are all lines of a kind.
// Unless lines is nil, the lines are written to it as they are read: they are proven only if
// the verdict is OK in the end. [VerifyOptions].Against must have the checkpoint of the bundle
// itself, since an earlier one cannot be compared without the log.
//
// A bundle with other lines than the log is not an error, but a verdict; so is one that was
// cut off. The error is a [*MalformedBundleError] if it is no bundle, or another one if it
// cannot be read or lines cannot be written. Memory does not depend on the bundle.
func VerifyBundle(bundle io.Reader, lines io.Writer, o VerifyOptions) (BundleReport, error) {
	r := bundleReader{verify: o.Verifier, in: bufio.NewReaderSize(bundle, 64<<10), sum: sha256.New()}
	if lines != nil {
		r.lines = bufio.NewWriterSize(lines, 64<<10)
	}
	err := r.read(o)
	if err == nil && r.lines != nil {
		err = r.lines.Flush()
	}
	return r.report, r.report.conclude(err, o)
}
