package terminal

import (
	"context"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// A Pager is a terminal that may get more than a screen. What is written is kept until
// it is known how much that is. If it fills a screen before a pause, a program is started
// that shows it page by page, and gets the rest too. Otherwise it goes to the terminal,
// and so does all that follows, as it comes.
//
// Messages wait until then, so that they come in their order, and while the program runs,
// so that they do not appear in the middle of its screen.
//
// [Is], [Capable] and [Width] take a Pager for its terminal. Only Interrupt may be called
// by several goroutines.
type Pager struct {
	ctx      context.Context
	screen   *os.File
	command  string
	messages *StatusLine
	quit     func()

	mu    sync.Mutex // held while writing
	state pagerState
	timer *time.Timer
	page  page
	err   error // of writing what was kept

	// kept is all that was written. Once that is more than a pipe takes, the program
	// has read some of it, and kept is nil.
	kept []byte

	pipe    *os.File // to the program
	running atomic.Pointer[os.File]
	ended   chan struct{} // closed when the program has ended
	missing bool          // it ended since there is no such program
	closed  bool
}

// A pagerState says where a Pager sends what is written.
type pagerState int

const (
	undecided pagerState = iota
	direct               // to the terminal
	paging               // to the program
)

// pagerPause is after how long a pause no program is started any more.
const pagerPause = 100 * time.Millisecond

// NewPager returns a Pager for a terminal. command is run by sh, and is terminated when
// ctx ends. If it ends before Close is called, quit is called: nobody wants the rest.
func NewPager(ctx context.Context, screen *os.File, command string, messages *StatusLine, quit func()) *Pager {
	p := &Pager{ctx: ctx, screen: screen, command: command, messages: messages, quit: quit, ended: make(chan struct{})}
	p.page.columns, p.page.rows = size(screen)
	return p
}

// Fd returns the descriptor of the terminal.
func (p *Pager) Fd() uintptr { return p.screen.Fd() }

// Stat describes the terminal.
func (p *Pager) Stat() (fs.FileInfo, error) { return p.screen.Stat() }

// Write writes to the terminal or the program. If that has ended, the error is EPIPE.
func (p *Pager) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.err != nil:
		return 0, p.err
	case p.state == direct:
		return p.screen.Write(text)
	case p.state == paging:
		return p.feed(text)
	}
	if p.timer == nil {
		p.messages.Hold()
		p.timer = time.AfterFunc(pagerPause, p.paused)
	} else {
		p.timer.Reset(pagerPause)
	}
	p.kept = append(p.kept, text...)
	if !p.page.full(p.kept) {
		return len(text), nil
	}
	p.timer.Stop()
	if p.start() {
		all := p.kept
		p.kept = p.kept[:0]
		_, p.err = p.feed(all)
	} else {
		p.show()
	}
	if p.err != nil {
		return 0, p.err
	}
	return len(text), nil
}

// paused ends the wait for a full screen.
func (p *Pager) paused() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.state == undecided {
		p.show()
	}
}

// show writes what was kept to the terminal, where all else goes from now on.
func (p *Pager) show() {
	p.state = direct
	_, p.err = p.screen.Write(p.kept)
	p.kept = nil
	p.messages.Release()
}

// feed writes to the program, or to the terminal if there turns out to be no program.
func (p *Pager) feed(text []byte) (int, error) {
	n, err := p.pipe.Write(text)
	if p.kept != nil && len(p.kept)+n <= pipeSize() {
		p.kept = append(p.kept, text[:n]...)
	} else {
		p.kept = nil
	}
	if err == nil {
		return n, nil
	}
	<-p.ended
	p.settle()
	switch {
	case p.state == paging:
		return n, syscall.EPIPE
	case p.err != nil:
		return n, p.err
	}
	rest, err := p.screen.Write(text[n:])
	return n + rest, err
}

// pipeSize is the most that a pipe takes before it is read: 16 pages of memory.
func pipeSize() int { return 16 * os.Getpagesize() }

// Close waits until the program has ended, or else writes what was kept. Messages wait
// no longer then.
func (p *Pager) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	switch p.state {
	case undecided:
		if p.timer != nil {
			p.timer.Stop()
			p.show()
		}
	case paging:
		p.pipe.Close()
		<-p.ended
		p.settle()
	}
	return p.err
}

// settle does what follows from the end of the program.
func (p *Pager) settle() {
	switch {
	case p.state != paging:
	case p.missing && p.kept != nil:
		p.show()
	default:
		p.messages.Release()
		if !p.closed {
			p.quit()
		}
	}
}

// Interrupt reports whether the program runs. It then gets no more, as if it had ended,
// but decides by itself when it does. p may be nil.
func (p *Pager) Interrupt() bool {
	if p == nil {
		return false
	}
	pipe := p.running.Load()
	if pipe == nil {
		return false
	}
	p.quit()
	pipe.Close()
	return true
}
