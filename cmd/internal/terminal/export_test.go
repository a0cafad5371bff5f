package terminal

import "io"

// NewGuard returns what lines for a terminal are written to.
func NewGuard(terminal io.Writer) io.Writer { return &guard{w: terminal} }
