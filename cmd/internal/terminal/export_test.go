package terminal

import "io"

// NewGuard returns the Guard of what it takes for a terminal.
func NewGuard(terminal io.Writer) io.Writer { return &guard{w: terminal} }
