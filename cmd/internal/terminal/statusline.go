package terminal

import (
	"fmt"
	"os"
	"strings"
	"sync"
)

// A StatusLine is standard error: it takes messages and, if it is a terminal, a status
// line or several, which are redrawn in place below them and make way for them.
type StatusLine struct {
	file *os.File

	mu     sync.Mutex
	screen *os.File // what is drawn on
	shown  bool
	below  int  // how many lines are shown below the first one
	ended  bool // nothing is drawn any more

	holding bool
	held    []byte
	lost    int64 // messages that there was no room for
}

// NewStatusLine returns standard error as a StatusLine.
func NewStatusLine(stderr *os.File) *StatusLine { return &StatusLine{file: stderr, screen: stderr} }

// DrawOn makes a StatusLine draw on another terminal than standard error, which may be the
// same: messages are never drawn over. It must be called before the first Draw.
func (l *StatusLine) DrawOn(screen *os.File) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.screen = screen
}

// wipe returns what erases the line and what is below, even if it was wrapped when the
// terminal became narrower. It never clears a whole screen at once, of which some
// terminals keep a copy to scroll back to.
func (l *StatusLine) wipe() string {
	if l.below > 0 {
		return "\r\x1b[K\x1b[B\x1b[J\x1b[A"
	}
	return "\r\x1b[J"
}

// Write writes a message, in place of the line if that is shown.
func (l *StatusLine) Write(message []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.holding {
		l.hold(message)
		return len(message), nil
	}
	if l.shown && ownScreen(l.screen) {
		l.shown = false
		if l.screen == l.file {
			_, err := l.file.Write(append([]byte(l.wipe()), message...))
			if err != nil {
				return 0, err
			}
			return len(message), nil
		}
		l.screen.WriteString(l.wipe())
	}
	return l.file.Write(message)
}

// Drawable reports whether there is a terminal on which a line can be drawn.
func (l *StatusLine) Drawable() bool { return Capable(l.screen) }

// Size returns how many columns and lines the terminal has now, 0 if unknown.
func (l *StatusLine) Size() (columns, lines int) { return size(l.screen) }

// Shown reports whether what was drawn is still there: a message may have replaced it.
func (l *StatusLine) Shown() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.shown
}

// Draw shows a line, or several with a line feed between them, all of which must be
// narrower than the terminal, and no more than it has. The cursor stays at their start,
// from where all can be erased.
func (l *StatusLine) Draw(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended || l.holding || !ownScreen(l.screen) {
		return
	}
	up := ""
	if l.below = strings.Count(text, "\n"); l.below > 0 {
		up = fmt.Sprintf("\x1b[%dA", l.below)
		text = strings.ReplaceAll(text, "\n", "\x1b[K\n")
	}
	l.screen.WriteString("\r" + text + "\x1b[J\r" + up)
	l.shown = true
}

// Erase erases the line if it is shown.
func (l *StatusLine) Erase() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.shown && ownScreen(l.screen) {
		l.screen.WriteString(l.wipe())
	}
	l.shown = false
}

// End erases the line for good, and ends Hold.
func (l *StatusLine) End() {
	l.mu.Lock()
	l.ended = true
	l.mu.Unlock()
	l.Erase()
	l.Release()
}
