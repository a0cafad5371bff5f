package cmd

import (
	"context"
	"time"

	"auditctl/cmd/internal/fanout"
)

// number numbers the events of lines, if that is asked for. The function it returns must be
// called once the file that is counted beside has them.
func (d *hookDelivery) number(ctx context.Context, lines []byte, limit time.Duration) (numbered []byte, done func()) {
	if d.opts.Sequence == nil {
		return lines, func() {}
	}
	opts := d.opts
	opts.Stall, opts.Spool, opts.SpoolAfter, opts.Seal = limit/4, "", 0, nil
	set := fanout.New(opts)
	if err := set.Open(ctx); err != nil {
		d.trouble.Errorf("%v", err)
		return lines, func() {}
	}
	return set.Number(lines)
}

// countsBeside reports whether events are numbered by a counter beside a destination.
func (d *hookDelivery) countsBeside(dest string) bool {
	return d.opts.Sequence != nil && d.opts.Sequence.File == dest
}
