package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"auditctl/cmd/internal/fanout"
	"auditctl/cmd/internal/flow"
	"auditctl/cmd/internal/input"
	"auditctl/cmd/internal/report"
	"auditctl/pkg/seal"
)

// errNothing is the error for a bundle that would have no line.
var errNothing = errors.New("no sealed line matches")

// bundle writes a bundle of the lines that the flags choose, and returns the exit status.
func (o *proveOptions) bundle(ctx context.Context, s Streams, reports *report.Reporter, path string, out *proofOutput) (status, err error) {
	b, err := seal.Log{Path: path}.Bundle(out)
	if err != nil {
		return nil, err
	}
	if status, err = o.addLines(ctx, s, reports, path, b); err != nil {
		b.Abort(err)
	}
	return status, b.Close()
}

func (o *proveOptions) addLines(ctx context.Context, s Streams, reports *report.Reporter, path string, b *seal.BundleWriter) (status, err error) {
	sealed := b.Checkpoint().Lines()
	if n := len(o.chosen); n > 0 && o.chosen[n-1].Last > sealed {
		return nil, fmt.Errorf("no line %d: %d lines are sealed", o.chosen[n-1].Last, sealed)
	}
	if !o.selects() {
		return nil, b.AddLines(ctx, o.chosen)
	}
	return o.addSelected(ctx, s, reports, path, b)
}

// addSelected adds the lines of the events that the flags select, of the chosen lines if
// there are any.
func (o *proveOptions) addSelected(ctx context.Context, s Streams, reports *report.Reporter, path string, b *seal.BundleWriter) (status, err error) {
	query, err := o.query(ctx, time.Now())
	if err != nil {
		return nil, err
	}
	in, pruned, err := b.Reader()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	if pruned > 0 {
		reports.Printf("%s: the first %s are gone with their files: none of them is in the bundle", path, report.Counted(pruned, "line"))
	}
	f, opts := o.lineOptions.newFlow(s, nil)
	o.typed = false
	f.Inputs, f.Reports, opts.Reports = []*input.Input{input.OfReader(path, in)}, reports, reports
	defer query.Join(f, true)()
	f.Destinations = fanout.New(opts)
	selected := &bundled{BundleWriter: b, chosen: o.chosen, before: pruned}
	f.Outlets = []flow.Outlet{{Take: flow.Showing(query.Match, flow.AppendLine), Then: selected}}
	if err := o.run(ctx, s, f); err != nil {
		return nil, err
	}
	status = statusOf(f)
	switch {
	case selected.err != nil:
		return nil, selected.err
	case status == statusError: // which was reported
		return nil, status
	case selected.unsealed > 0:
		reports.Printf("%s: not in the bundle: %s, not sealed yet", path, report.Counted(selected.unsealed, "event"))
	}
	if b.Count() == 0 {
		return nil, errNothing
	}
	return status, nil
}

// A bundled is a flow.Locator that adds lines to a bundle.
type bundled struct {
	*seal.BundleWriter
	chosen seal.Lines // empty: all
	before int64      // lines of the log that are not read

	numbers  []int64
	unsealed int64 // events that are not sealed yet
	err      error
}

func (b *bundled) Locate(lines []int64) { b.numbers = lines }

func (b *bundled) Arrange(dst, lines []byte, _ *input.Input) ([]byte, error) {
	for _, number := range b.numbers {
		line, rest, _ := bytes.Cut(lines, []byte{'\n'})
		lines = rest
		number += b.before
		switch {
		case len(b.chosen) > 0 && !b.chosen.Has(number):
		case number > b.Checkpoint().Lines():
			b.unsealed++
		default:
			if b.err = b.Add(number, line); b.err != nil {
				return dst, fanout.ErrEnough
			}
		}
	}
	return dst, nil
}

func (b *bundled) Rest(dst []byte) []byte { return dst }

// Holds reports that a bundle is whole only at the end.
func (b *bundled) Holds() bool { return true }
