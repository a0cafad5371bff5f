//go:build !unix

package relay

import (
	"io"
	"os"
)

// stopWaiting does nothing: what the program wrote ends when no process has its standard
// output any more.
func stopWaiting(*os.File) {}

func read(pipe *os.File, p []byte) (int, error) { return pipe.Read(p) }

// release closes a stream for good.
func release(stream any) {
	if c, ok := stream.(io.Closer); ok {
		c.Close()
	}
}
