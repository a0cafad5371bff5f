package terminal

import "io"

// NewGuard returns the Guard of what it takes for a terminal.
func NewGuard(terminal io.Writer) io.Writer { return &guard{w: terminal} }

// SetSize sets the size of the terminal.
func (p *Pager) SetSize(columns, rows int) { p.page.columns, p.page.rows = columns, rows }
