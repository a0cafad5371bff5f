package cmd

import (
	"os"
	"sync"

	"golang.org/x/term"
)

// A statusLine is standard error: it takes messages, and where it is a terminal
// one line more, which is drawn over itself below them and makes way for them.
type statusLine struct {
	file *os.File

	mu    sync.Mutex
	shown bool
	ended bool // nothing is drawn any more
}

// wipe erases the line, and what a terminal that became narrower made of it.
const wipe = "\r\x1b[J"

// Write writes a message, in the place of the line if that is shown.
func (l *statusLine) Write(message []byte) (int, error) {
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

// drawable reports whether there is a terminal to draw a line on.
func (l *statusLine) drawable() bool {
	return isTerminal(l.file) && os.Getenv("TERM") != "dumb"
}

// columns returns how wide the terminal is now; 0 if it does not say.
func (l *statusLine) columns() int {
	n, _, err := term.GetSize(int(l.file.Fd()))
	if err != nil {
		return 0
	}
	return n
}

// draw shows a line, which must be narrower than the terminal. The cursor stays
// at its start, so that it is erased whole whatever became of it.
func (l *statusLine) draw(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended || !ownScreen(l.file) {
		return
	}
	l.file.WriteString("\r" + line + "\x1b[J\r")
	l.shown = true
}

// erase erases the line if it is shown.
func (l *statusLine) erase() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.shown && ownScreen(l.file) {
		l.file.WriteString(wipe)
	}
	l.shown = false
}

// end erases the line for good.
func (l *statusLine) end() {
	l.mu.Lock()
	l.ended = true
	l.mu.Unlock()
	l.erase()
}
