package report

import (
	"context"
	"log/slog"
)

// Logger returns a Logger whose records become messages that are not errors. They begin
// with name, unless it is empty. Attributes follow the message as KEY=VALUE.
func (r *Reporter) Logger(name string) *slog.Logger {
	if name != "" {
		name += ": "
	}
	return slog.New(&handler{reporter: r, before: name})
}

type handler struct {
	reporter      *Reporter
	before, after string // of the message
}

func (h *handler) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelInfo }

func (h *handler) Handle(_ context.Context, r slog.Record) error {
	var attrs []slog.Attr
	r.Attrs(func(a slog.Attr) bool {
		attrs = append(attrs, a)
		return true
	})
	h.reporter.Printf("%s%s%s%s", h.before, r.Message, h.after, textOf(attrs))
	return nil
}

func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &handler{h.reporter, h.before, h.after + textOf(attrs)}
}

func (h *handler) WithGroup(string) slog.Handler { return h } // a message has no groups

func textOf(attrs []slog.Attr) (text string) {
	for _, a := range attrs {
		text += " " + a.String()
	}
	return text
}
