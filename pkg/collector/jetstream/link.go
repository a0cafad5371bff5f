package jetstream

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	api "github.com/nats-io/nats.go/jetstream"

	"auditctl/pkg/collector/jetstream/internal/message"
)

// requestTimeout is how long to wait for responses about streams and consumers.
const requestTimeout = 3 * time.Second

// A link is one connection to a server, and the stream. It never reconnects: once the
// connection is lost, so is everything in flight, and nothing can be sent after a gap.
type link struct {
	conn   *nats.Conn
	js     api.JetStream
	stream api.Stream
	ctx    context.Context // done, with the reason, when the link is unusable
	end    context.CancelCauseFunc

	maxMessage int  // how many bytes a message may have, headers included
	atomic     bool // the stream accepts batches
	noAck      bool // the stream acknowledges nothing
}

// joined returns a context that is done when ctx is or the link is unusable. Use causeOf
// for errors that come of it.
func (l *link) joined(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(l.ctx, func() { cancel(context.Cause(l.ctx)) })
	return ctx, func() {
		stop()
		cancel(nil)
	}
}

// within is joined with a timeout.
func (l *link) within(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	joined, leave := l.joined(ctx)
	timed, cancel := context.WithTimeoutCause(joined, d, errNoAnswer)
	return timed, func() {
		cancel()
		leave()
	}
}

// causeOf returns err, or the cause of ctx if err comes of that being done.
func causeOf(ctx context.Context, err error) error {
	if ctx.Err() != nil && (errors.Is(err, ctx.Err()) || errors.Is(err, nats.ErrConnectionClosed) || errors.Is(err, nats.ErrTimeout)) {
		return context.Cause(ctx)
	}
	return err
}

// open looks up the stream. With create set it creates the stream if it does not exist,
// and checks that it can be written to. An existing stream is never changed.
func (l *link) open(ctx context.Context, a Address, create bool) error {
	ctx, cancel := l.within(ctx, requestTimeout)
	defer cancel()
	stream, err := l.js.Stream(ctx, a.Stream)
	if create && errors.Is(err, api.ErrStreamNotFound) {
		stream, err = l.create(ctx, a)
	}
	if err != nil {
		return streamError(a, causeOf(ctx, err))
	}
	l.stream = stream
	cfg := stream.CachedInfo().Config
	switch {
	case create && cfg.Mirror != nil:
		return fatal(fmt.Errorf("stream %s is a mirror of %s: write to that", a.Stream, cfg.Mirror.Name))
	case create && cfg.Sealed:
		return fatal(fmt.Errorf("stream %s is sealed and takes no more lines: name another stream", a.Stream))
	case create && !takes(cfg.Subjects, a.Subject):
		return fatal(fmt.Errorf("stream %s takes no subjects %s.>: add them to it, or name another stream or ?subject=", a.Stream, a.Subject))
	case !create && cfg.Mirror == nil && len(cfg.Sources) == 0 && !touches(cfg.Subjects, a.Subject):
		return fatal(fmt.Errorf("stream %s has no subjects %s.>: add ?subject= with what they begin with", a.Stream, a.Subject))
	}
	l.atomic, l.noAck = cfg.AllowAtomicPublish, cfg.NoAck
	l.maxMessage = int(l.conn.MaxPayload())
	if n := int(cfg.MaxMsgSize); n > 0 && n < l.maxMessage {
		l.maxMessage = n
	}
	return nil
}

// create creates the stream. Servers that do not know batches create one without.
func (l *link) create(ctx context.Context, a Address) (api.Stream, error) {
	stream, err := l.js.CreateStream(ctx, api.StreamConfig{
		Name:               a.Stream,
		Description:        "Audit log, made by auditctl",
		Subjects:           []string{a.Subject + ".>"},
		Storage:            api.FileStorage,
		Replicas:           a.Replicas,
		Duplicates:         duplicateWindow,
		DenyDelete:         true,
		AllowAtomicPublish: true,
	})
	switch {
	case errors.Is(err, api.ErrStreamNameAlreadyInUse): // just created by somebody else
		return l.js.Stream(ctx, a.Stream)
	case codeOf(err) == codeOverlap:
		return nil, l.overlap(ctx, a)
	}
	return stream, err
}

// overlap returns the error that another stream has the subjects.
func (l *link) overlap(ctx context.Context, a Address) error {
	other := "another stream"
	names := l.js.StreamNames(ctx, api.WithStreamListSubject(a.Subject+".>"))
	for name := range names.Name() {
		other = "stream " + name
	}
	return fatal(fmt.Errorf("%s has subjects %s.> already: write to that, or say what the subjects of this one begin with, as in ?subject=%s", other, a.Subject, strings.ToLower(a.Stream)))
}

// takes reports whether one of a stream's subjects matches all of PREFIX.*.*.
func takes(subjects []string, prefix string) bool {
	want := append(strings.Split(prefix, "."), "*", "*")
	return slices.ContainsFunc(subjects, func(subject string) bool {
		have := strings.Split(subject, ".")
		for i, token := range have {
			switch {
			case token == ">":
				return i < len(want)
			case i >= len(want) || token != "*" && token != want[i]:
				return false
			}
		}
		return len(have) == len(want)
	})
}

// touches reports whether one of a stream's subjects may match some of PREFIX.*.*.
func touches(subjects []string, prefix string) bool {
	want := strings.Split(prefix, ".")
	return slices.ContainsFunc(subjects, func(subject string) bool {
		have := strings.Split(subject, ".")
		for i := range min(len(have), len(want)) {
			switch {
			case have[i] == ">":
				return true
			case have[i] != "*" && have[i] != want[i]:
				return false
			}
		}
		return len(have) > len(want)
	})
}

// maxLine returns how long a line may be, in bytes.
func (l *link) maxLine() int { return l.maxMessage - message.HeaderRoom }

// lost reports whether the link is unusable.
func (l *link) lost() bool { return l.conn.IsClosed() || l.ctx.Err() != nil }

func (l *link) close() { l.conn.Close() }
