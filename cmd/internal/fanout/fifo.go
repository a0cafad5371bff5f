package fanout

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"syscall"
	"time"
)

// A fifo is a FIFO that is written to without waiting longer than a context allows. What
// was not written by then never will be.
type fifo struct{ *os.File }

// openFIFO opens a FIFO once somebody reads it.
func openFIFO(ctx context.Context, path string) (*fifo, error) {
	for {
		f, err := os.OpenFile(path, os.O_WRONLY|syscall.O_NONBLOCK, 0)
		if err == nil {
			if st, err := f.Stat(); err != nil || st.Mode()&os.ModeNamedPipe == 0 {
				f.Close()
				return nil, &fs.PathError{Op: "open", Path: path, Err: errors.New("it was replaced")}
			}
			return &fifo{f}, nil
		}
		if !errors.Is(err, syscall.ENXIO) {
			return nil, err
		}
		if !pause(ctx) {
			return nil, errors.New("nobody reads it")
		}
	}
}

// write writes lines while it has the FIFO locked, each at once, so that one that is no
// longer than PIPE_BUF is written as a whole or not at all.
func (f *fifo) write(ctx context.Context, lines []byte) (taken int, err error) {
	turn := fifoLock{f.File}
	for !turn.try() {
		if !pause(ctx) {
			return 0, errors.New("another process writes to it")
		}
	}
	defer turn.Unlock()
	stop := context.AfterFunc(ctx, func() { f.SetWriteDeadline(time.Unix(1, 0)) })
	defer stop()
	for line := range bytes.Lines(lines) {
		n, err := f.writeLine(ctx, line)
		taken += n
		if err != nil {
			return taken, err
		}
	}
	return taken, nil
}

func (f *fifo) writeLine(ctx context.Context, line []byte) (taken int, err error) {
	for taken < len(line) {
		n, err := f.Write(line[taken:])
		taken += max(n, 0)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			return taken, context.Cause(ctx)
		case errors.Is(err, syscall.EAGAIN): // where the runtime does not wait for FIFOs
			if !pause(ctx) {
				return taken, context.Cause(ctx)
			}
		case err != nil:
			return taken, err
		}
	}
	return taken, nil
}

// A fifoLock is held while lines are written to a FIFO, so that those of several processes
// do not mix where they are longer than PIPE_BUF. It is a lock (flock) of the FIFO itself,
// which ends with the process.
type fifoLock struct{ f *os.File }

func (l fifoLock) Lock() {
	for !l.try() {
		time.Sleep(fifoPause)
	}
}

func (l fifoLock) Unlock() { l.control(unlock) }

// try locks the FIFO, and reports false if another process has it locked. Where it cannot be
// locked, it counts as locked.
func (l fifoLock) try() (locked bool) {
	return !l.control(func(fd uintptr) { locked = tryLock(fd) }) || locked
}

// control calls do, unless the FIFO was closed. Fd would make its writes ones that cannot be
// interrupted.
func (l fifoLock) control(do func(fd uintptr)) bool {
	conn, err := l.f.SyscallConn()
	return err == nil && conn.Control(do) == nil
}

const fifoPause = 2 * time.Millisecond

// pause waits a moment, and reports false if ctx is done.
func pause(ctx context.Context) bool {
	select {
	case <-time.After(fifoPause):
		return true
	case <-ctx.Done():
		return false
	}
}
