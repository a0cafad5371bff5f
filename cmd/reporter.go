package cmd

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// A reporter writes messages to standard error, each once and in one write, and
// remembers whether any of them was an error.
type reporter struct {
	mu     sync.Mutex
	w      io.Writer
	failed bool
}

// errorf reports an error of an input or a destination; the exit status will be
// 2.
func (r *reporter) errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed = true
	fmt.Fprintf(r.w, "%s: %s\n", name, fmt.Sprintf(format, args...))
}

// printf reports something that is no error.
func (r *reporter) printf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	fmt.Fprintf(r.w, "%s: %s\n", name, fmt.Sprintf(format, args...))
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
