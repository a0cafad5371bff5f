package cmd

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"auditctl/cmd/internal/terminal"
)

// A reporter writes messages to standard error, each in one write, and
// remembers whether any of them was an error. Errors are for the goroutine that
// emits to report.
type reporter struct {
	failed bool

	mu sync.Mutex
	w  io.Writer
}

// errorf reports an error of an input or a destination; the exit status will be
// 2.
func (r *reporter) errorf(format string, args ...any) {
	r.failed = true
	r.printf(format, args...)
}

// printf reports something that is no error.
func (r *reporter) printf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	fmt.Fprintf(r.w, "%s: %s\n", name, terminal.Escape(concealed(fmt.Sprintf(format, args...))))
}

// counted puts a number before a noun.
func counted(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// named puts the operation and the name of a file into an error that lacks
// them.
func named(op, name string, err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return err
	}
	return fmt.Errorf("%s %s: %w", op, name, err)
}

// shortened returns the beginning of a text that may be long.
func shortened(text string) string {
	const limit = 300 // bytes
	if len(text) > limit {
		return strings.ToValidUTF8(text[:limit], "") + "…"
	}
	return text
}

// readable shows a name of a log in a message, in quotes where it is not one word.
func readable(text string) string {
	text = shortened(text)
	if quote := terminal.Quote([]byte(text)); quote != 0 {
		return string(quote) + text + string(quote)
	}
	return text
}
