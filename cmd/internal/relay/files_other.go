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

func readFrom(in io.Reader, p []byte) (int, error) { return in.Read(p) }

func writeTo(out io.Writer, p []byte) error {
	_, err := out.Write(p)
	return err
}

// release closes a stream for good.
func release(stream any) {
	if c, ok := stream.(io.Closer); ok {
		c.Close()
	}
}
