package record

import (
	"context"
	"time"

	"auditctl/cmd/internal/fanout"
)

// number numbers the events of lines, if that is asked for. The function it returns must be
// called once the file that is counted beside has them.
func (l *Lanes) number(ctx context.Context, lines []byte, limit time.Duration) (numbered []byte, done func()) {
	if l.opts.Sequence == nil {
		return lines, func() {}
	}
	opts := l.opts
	opts.Part, opts.Stall, opts.Spool, opts.SpoolAfter, opts.Seal = true, limit/4, "", 0, nil
	set := fanout.New(opts)
	if err := set.Open(ctx); err != nil {
		opts.Reports.Errorf("%v", err)
		return lines, func() {}
	}
	return set.Number(lines)
}

// countsBeside reports whether events are numbered by a counter beside a destination.
func (l *Lanes) countsBeside(dest string) bool {
	return l.opts.Sequence != nil && l.opts.Sequence.File == dest
}
