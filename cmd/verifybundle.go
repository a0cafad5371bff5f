package cmd

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"auditctl/cmd/internal/fanout"
	"auditctl/cmd/internal/report"
	"auditctl/pkg/compress"
	"auditctl/pkg/seal"
)

// runVerifyBundle checks a bundle, and passes on its lines if they are proven.
func runVerifyBundle(s Streams, o *verifyOptions, opts seal.VerifyOptions) error {
	out := &proofOutput{path: o.output, stdout: s.Out}
	switch {
	case o.output != "" && opts.Verifier == nil && opts.Against == nil:
		return usagef("nothing vouches for the lines: add --vkey KEY, or drop --output")
	case o.output != "" && o.json && fanout.IsStdout(o.output):
		return usagef("--json and the lines cannot both go to standard output: add --output FILE")
	}
	if err := out.check(); err != nil {
		return err
	}
	reports := s.reporter()
	in, name := s.In, "stdin"
	if o.bundle != "-" {
		file, err := os.Open(o.bundle)
		if err != nil {
			return err
		}
		defer file.Close()
		in, name = file, o.bundle
	} else if !o.quiet {
		awaitTyping(s, reports, "")
	}
	content := compress.NewReader(in)
	defer content.Close()
	r, err := o.readBundle(content, out, opts)
	var malformed *seal.MalformedBundleError
	switch {
	case out.err != nil:
		return out.err
	case errors.As(err, &malformed):
		return fmt.Errorf("%s:%d: %s", name, malformed.Line, malformed.Reason)
	case err != nil && err != errNotProven:
		return report.Named("verify", name, err)
	}
	v := verdict{File: name, Report: r.Report, bundle: &r, proven: provenLines(r)}
	print := func() error { return o.print(s.Out, v) }
	if fanout.IsStdout(o.output) {
		print = func() error { return o.print(messages{reports}, v) }
	}
	if err := print(); err != nil {
		return err
	}
	if !v.Verdict.OK() {
		return statusNo
	}
	return nil
}

// errNotProven keeps the lines of a bundle from being passed on.
var errNotProven = errors.New("not proven")

// readBundle verifies a bundle. Its lines go to out, if anywhere, once all of them are
// proven.
func (o *verifyOptions) readBundle(in io.Reader, out *proofOutput, opts seal.VerifyOptions) (r seal.BundleReport, err error) {
	switch {
	case o.output == "":
		return seal.VerifyBundle(in, nil, opts)
	case !fanout.IsStdout(o.output):
		err = out.write(func() (err error) {
			if r, err = seal.VerifyBundle(in, out, opts); err == nil && !r.Verdict.OK() {
				err = errNotProven
			}
			return err
		})
		return r, err
	}
	// Until they are proven they wait in a file that has no name, so that nothing can
	// change them meanwhile.
	kept, err := os.CreateTemp("", "auditctl-*")
	if err != nil {
		return r, err
	}
	defer os.Remove(kept.Name()) // for Windows
	defer kept.Close()
	os.Remove(kept.Name())
	if r, err = seal.VerifyBundle(in, kept, opts); err != nil || !r.Verdict.OK() {
		return r, err
	}
	if _, err := kept.Seek(0, io.SeekStart); err != nil {
		return r, err
	}
	return r, out.write(func() error {
		_, err := io.Copy(out, kept)
		return err
	})
}

// provenLines says which lines a bundle proves.
func provenLines(r seal.BundleReport) string {
	var b strings.Builder
	if r.Proven.Count == 1 {
		b.WriteString("line ")
	} else {
		b.WriteString("lines ")
	}
	fmt.Fprintf(&b, "%s of %d", linesCounted(r.Proven), r.Lines)
	if r.Gone.Count > 0 {
		fmt.Fprintf(&b, ", of which %d erased: %s", r.Gone.Count, linesCounted(r.Gone))
	}
	return b.String() + ", " + r.Origin
}

// linesCounted returns the first of some lines, and how many more ranges there are.
func linesCounted(c seal.LineCount) string {
	text := strings.ReplaceAll(c.First.String(), ",", ", ")
	if more := c.Ranges - int64(len(c.First)); more > 0 {
		text += fmt.Sprintf(" and so on, %d in all", c.Count)
	}
	return text
}

// linesFields are lines as --json prints them.
type linesFields struct {
	Count  int64  `json:"count"`
	Ranges int64  `json:"ranges"`
	First  string `json:"first"` // the first ten ranges, such as 3,17-20
}

func fieldsOf(c seal.LineCount) *linesFields {
	if c.Count == 0 {
		return nil
	}
	return &linesFields{c.Count, c.Ranges, c.First.String()}
}

// messages are a writer of lines to standard error.
type messages struct{ *report.Reporter }

func (m messages) Write(text []byte) (int, error) {
	for line := range strings.Lines(string(text)) {
		m.Printf("%s", strings.TrimSuffix(line, "\n"))
	}
	return len(text), nil
}
