// Package logtest provides a logger for tests that check what was logged.
package logtest

import (
	"context"
	"log/slog"
)

// New returns a Logger that calls add with the message of each record.
func New(add func(text string)) *slog.Logger { return slog.New(handler(add)) }

type handler func(text string)

func (h handler) Handle(_ context.Context, r slog.Record) error {
	h(r.Message)
	return nil
}

func (h handler) Enabled(context.Context, slog.Level) bool { return true }
func (h handler) WithAttrs([]slog.Attr) slog.Handler       { return h }
func (h handler) WithGroup(string) slog.Handler            { return h }
