// Package report writes messages of one line about what went wrong. Whatever a message
// names cannot control the terminal that shows it, and passwords in addresses are left
// out.
package report

import (
	"fmt"
	"io"
	"sync"
	"sync/atomic"

	"auditctl/cmd/internal/terminal"
)

// A Reporter writes messages to standard error, each in one write, and remembers
// whether any of them was an error. It is safe for concurrent use.
type Reporter struct {
	program string
	failed  atomic.Bool

	mu     sync.Mutex
	w      io.Writer
	redact func(dst, text []byte) []byte
}

// New returns a Reporter whose messages to w begin with the name of the program.
func New(program string, w io.Writer) *Reporter { return &Reporter{program: program, w: w} }

// Errorf reports an error of an input or destination; Failed is true from then on.
func (r *Reporter) Errorf(format string, args ...any) {
	r.Fail()
	r.Printf(format, args...)
}

// Printf reports something that is not an error.
func (r *Reporter) Printf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	message := concealed(fmt.Sprintf(format, args...))
	if r.redact != nil {
		message = string(r.redact(nil, []byte(message)))
	}
	fmt.Fprintf(r.w, "%s: %s\n", r.program, terminal.Escape(message))
}

// Redact makes redact append, from now on, what is left of a message. It is called for one
// message at a time.
func (r *Reporter) Redact(redact func(dst, message []byte) []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.redact = redact
}

// Fail makes Failed true for something that was reported already.
func (r *Reporter) Fail() { r.failed.Store(true) }

// Failed reports whether there was an error.
func (r *Reporter) Failed() bool { return r.failed.Load() }
