package follow

import (
	"errors"
	"io"
	"os"
	"time"
)

// readStream reads anything but a regular file. A FIFO has not ended before it had a
// writer.
func (f *File) readStream(p []byte) (int, error) {
	o := f.at
	if o.ends {
		return o.stream.Read(p)
	}
	for {
		if err := f.look(); err != nil {
			return 0, err
		}
		o.file.Fixed().SetReadDeadline(time.Now().Add(slowInterval))
		n, err := o.file.Read(p)
		o.pos += int64(n)
		switch silent := errors.Is(err, os.ErrDeadlineExceeded); {
		case n > 0:
			return n, nil
		case err == io.EOF && o.pos == 0 && len(f.next) == 0:
			o.waitForWriter()
		case !silent:
			return 0, err
		}
		select {
		case <-f.watcher.closed:
			return 0, os.ErrClosed
		default:
		}
	}
}

// waitForWriter waits until somebody writes to a FIFO, or for the poll interval.
func (o *opened) waitForWriter() {
	conn, err := o.file.Fixed().SyscallConn()
	if err != nil {
		time.Sleep(pollInterval)
		return
	}
	// Do not read: without a writer that would return at once. What was written just
	// before this is seen after the deadline.
	o.file.Fixed().SetReadDeadline(time.Now().Add(pollInterval))
	waited := false
	conn.Read(func(uintptr) bool {
		done := waited
		waited = true
		return done
	})
}
