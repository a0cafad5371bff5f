package fanout

import (
	"context"
	"errors"
	"time"

	"auditctl/pkg/collector/jetstream"
)

// checkNATS checks the address of a stream.
func checkNATS(to *destination, set *Set) (opener, error) {
	a, err := jetstream.ParseAddress(to.path)
	if err != nil {
		return nil, err
	}
	for _, in := range set.options.Inputs {
		if other, ok := in.Address(); ok && other.SameStream(a) {
			return nil, errors.New("it is also an input: write to another stream")
		}
	}
	for _, other := range set.sentTo {
		if other.SameStream(a) && other.Subject == a.Subject {
			return nil, errors.New("the stream is already a destination")
		}
	}
	set.sentTo = append(set.sentTo, a)
	dir := set.options.Spool
	if set.options.SpoolAfter > 0 {
		dir = "" // it is not kept by the stream
	}
	if dir != "" && len(set.sentTo) > 1 {
		return nil, errors.New("--spool is for one stream: name one only")
	}
	opts := &jetstream.Options{
		Stall:  set.options.Stall,
		Spool:  dir,
		Logger: set.options.Reports.Logger(to.name),
	}
	return func(ctx context.Context) (sink, error) { return openNATS(ctx, a, opts, set.options.Grace) }, nil
}

// openNATS opens a stream. Once ctx ends, a spool, which may have many lines, is delivered
// only for a moment.
func openNATS(ctx context.Context, a jetstream.Address, opts *jetstream.Options, grace time.Duration) (sink, error) {
	writing, end := context.WithCancelCause(context.WithoutCancel(ctx))
	interrupted := context.AfterFunc(ctx, func() { end(context.Cause(ctx)) })
	w, err := jetstream.Open(writing, a, opts)
	interrupted()
	if err != nil {
		end(nil)
		return nil, err
	}
	if opts.Spool != "" {
		context.AfterFunc(ctx, func() {
			time.AfterFunc(grace/2, func() { end(context.Cause(ctx)) })
		})
	}
	return w, nil
}
