package jetstream

import (
	"log/slog"
	"time"
)

// Options are options for [Open]. The zero value has the defaults.
type Options struct {
	// Origin identifies the source of the lines, for example by the name of a host and
	// the absolute path of a file. In every run all lines must come in the same order,
	// from the first on. Those that an earlier run has sent are then skipped. If it is
	// empty, as it must be for a source that cannot be read again, the lines are those
	// of this run only.
	Origin string

	// Stall is how long the Writer may go without the stream accepting a line before it
	// fails. Zero waits until the context is done, except that Open fails at once if
	// there is no server.
	Stall time.Duration

	// Spool is a directory in which lines are kept until they are in the stream. It is
	// created if necessary, and used by one process at a time. With it, Open needs no
	// server, and Stall is how long Close waits while the server accepts nothing, one
	// second by default.
	Spool string

	// Logger, if not nil, gets warnings for the user that are not errors. Its handler
	// may be called by another goroutine and must not call the Writer.
	Logger *slog.Logger
}
