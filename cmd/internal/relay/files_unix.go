//go:build unix

package relay

import (
	"errors"
	"io"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// stopWaiting makes read return what there is and not wait for more.
func stopWaiting(pipe *os.File) { pipe.SetReadDeadline(time.Unix(1, 0)) }

// read reads from a pipe. After stopWaiting it reads nothing if there is nothing.
func read(pipe *os.File, p []byte) (n int, err error) {
	n, err = pipe.Read(p)
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		return n, err
	}
	conn, err := pipe.SyscallConn()
	if err != nil {
		return 0, err
	}
	// The deadline is for reads that wait.
	controlled := conn.Control(func(fd uintptr) {
		for {
			if n, err = syscall.Read(int(fd), p); err != syscall.EINTR {
				return
			}
		}
	})
	return max(n, 0), errors.Join(controlled, err)
}

// readFrom reads from a stream.
func readFrom(in io.Reader, p []byte) (n int, err error) {
	for n == 0 {
		if n, err = in.Read(p); !awaited(in, err, unix.POLLIN) {
			break
		}
	}
	return n, err
}

// writeTo writes to a stream.
func writeTo(out io.Writer, p []byte) error {
	for {
		n, err := out.Write(p)
		if p = p[n:]; !awaited(out, err, unix.POLLOUT) {
			return err
		}
	}
}

// awaited waits until a file is ready, if an error says that it is not: the one who shares
// it may have made it nonblocking, at any time.
func awaited(stream any, err error, events int16) bool {
	f, ok := stream.(*os.File)
	if !ok || !errors.Is(err, syscall.EAGAIN) {
		return false
	}
	conn, err := f.SyscallConn()
	return err == nil && conn.Control(func(fd uintptr) {
		unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: events}}, -1)
	}) == nil
}

// release closes a file for good. A standard stream stays open, but elsewhere: otherwise the
// next file that is opened would be it.
func release(stream any) {
	f, ok := stream.(*os.File)
	if !ok {
		if c, ok := stream.(io.Closer); ok {
			c.Close()
		}
		return
	}
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return
	}
	defer null.Close()
	if conn, err := f.SyscallConn(); err == nil {
		conn.Control(func(fd uintptr) { unix.Dup2(int(null.Fd()), int(fd)) })
	}
}
