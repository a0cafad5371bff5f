// Package terminal knows what a terminal can do, and makes sure that nothing in a log
// controls one. Text that is shown comes from [Escape], or from [PlainRun] and [Cluster];
// lines that are passed on go through [Guard]. All of these escape by the same rules. A
// [StatusLine] is drawn below the messages, and [KeepDrawn] draws a text there that
// changes. A [Pager] is for what does not fit on the screen.
package terminal

import (
	"io"
	"os"
	"strconv"

	"github.com/mattn/go-isatty"
	"golang.org/x/term"
)

// Is reports whether a stream is a terminal.
func Is(stream any) bool {
	f, ok := stream.(descriptor)
	return ok && isatty.IsTerminal(f.Fd())
}

// A descriptor is a file, or a Pager, which has that of its terminal.
type descriptor interface{ Fd() uintptr }

// Capable reports whether w is a terminal that understands escape sequences.
func Capable(w io.Writer) bool { return Is(w) && os.Getenv("TERM") != "dumb" }

// Width returns how many columns the terminal w has, 80 if unknown. COLUMNS overrides
// that.
func Width(w io.Writer) int {
	if n, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && n > 0 {
		return n
	}
	if f, ok := w.(descriptor); ok {
		if n, _ := size(f); n > 0 {
			return n
		}
	}
	return 80
}

// size returns the current size of the terminal f, 0 if unknown.
func size(f descriptor) (columns, rows int) {
	columns, rows, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0, 0
	}
	return columns, rows
}
