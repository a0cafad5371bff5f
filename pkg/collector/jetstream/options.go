package jetstream

import (
	"log/slog"
	"time"
)

// Options are options for [Open]. The zero value has the defaults.
type Options struct {
	// Origin names where the lines come from, the same in every run, for example
	// the absolute path of a file and the name of its host. They must come from
	// its start, in the same order. Lines that an earlier run brought into the
	// stream are then passed over. Where it is empty, as for what cannot be read
	// again, the origin is this run only.
	Origin string

	// Stall is for how long no line may be taken before the collector has failed.
	// Zero waits until the context ends; but Open fails at once if no server is
	// there.
	Stall time.Duration

	// Spool is a directory in which lines are kept until they are in the stream.
	// It is made where it is missing, and for one process at a time. With it, Open
	// needs no server, and Stall is for how long Close waits while the server takes
	// nothing: a second by default.
	Spool string

	// Logger, if set, is told what a person should know and is no error. Its handler
	// may be called by another goroutine, and must not call the collector.
	Logger *slog.Logger
}
