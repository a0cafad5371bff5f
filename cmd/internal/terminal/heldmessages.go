package terminal

// maxHeld is how many bytes of messages are held.
const maxHeld = 1 << 20

// Hold erases the line and holds the messages that follow, and the line, until Release,
// if they would appear on a terminal.
func (l *StatusLine) Hold() {
	if !Is(l.file) {
		return
	}
	l.Erase()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.holding = true
}

// hold holds a message, if there is room.
func (l *StatusLine) hold(message []byte) {
	if len(l.held)+len(message) > maxHeld {
		l.lost++
		return
	}
	l.held = append(l.held, message...)
}

// Release writes the messages that were held.
func (l *StatusLine) Release() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.holding = false
	l.file.Write(l.held)
	l.held = nil
}

// Lost returns how many messages there was no room for while they were held.
func (l *StatusLine) Lost() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lost
}
