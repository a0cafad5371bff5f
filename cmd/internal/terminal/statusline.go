package terminal

import (
	"os"
	"sync"
)

// A StatusLine is standard error: it takes messages and, if it is a terminal, a status
// line, which is redrawn in place below them and makes way for them.
type StatusLine struct {
	file *os.File

	mu    sync.Mutex
	shown bool
	ended bool // nothing is drawn any more
}

// NewStatusLine returns standard error as a StatusLine.
func NewStatusLine(stderr *os.File) *StatusLine { return &StatusLine{file: stderr} }

// wipe erases the line, even if it was wrapped when the terminal became narrower.
const wipe = "\r\x1b[J"

// Write writes a message, in place of the line if that is shown.
func (l *StatusLine) Write(message []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.shown || !ownScreen(l.file) {
		return l.file.Write(message)
	}
	l.shown = false
	if _, err := l.file.Write(append([]byte(wipe), message...)); err != nil {
		return 0, err
	}
	return len(message), nil
}

// Drawable reports whether standard error is a terminal on which a line can be drawn.
func (l *StatusLine) Drawable() bool {
	return Capable(l.file)
}

// Columns returns the current width of the terminal, 0 if unknown.
func (l *StatusLine) Columns() int { return columns(l.file) }

// Draw shows a line, which must be narrower than the terminal. The cursor stays at its
// start, from where all of it can be erased.
func (l *StatusLine) Draw(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended || !ownScreen(l.file) {
		return
	}
	l.file.WriteString("\r" + line + "\x1b[J\r")
	l.shown = true
}

// Erase erases the line if it is shown.
func (l *StatusLine) Erase() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.shown && ownScreen(l.file) {
		l.file.WriteString(wipe)
	}
	l.shown = false
}

// End erases the line for good.
func (l *StatusLine) End() {
	l.mu.Lock()
	l.ended = true
	l.mu.Unlock()
	l.Erase()
}
