package cmd

import (
	"bufio"
	"errors"
	"io"

	"github.com/klauspost/compress/zstd"
)

const zstdMagic = "\x28\xb5\x2f\xfd"

// maxWindow is the largest window of a frame, for which there must be memory. It is
// that of the zstd command.
const maxWindow = 128 << 20

// zstdFrames reads Zstandard frames.
type zstdFrames struct{ decoder *zstd.Decoder }

func newZstdFrames(src *bufio.Reader) io.ReadCloser {
	decoder, err := zstd.NewReader(&zstdParts{src: src}, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
	if err != nil {
		panic(err) // the options are in order
	}
	return zstdFrames{decoder}
}

func (f zstdFrames) Read(p []byte) (int, error) {
	n, err := f.decoder.Read(p)
	if errors.Is(err, zstd.ErrWindowSizeExceeded) || errors.Is(err, zstd.ErrDecoderSizeExceeded) {
		err = errors.New("its window is larger than 128MiB: pipe it through zstd -dc --long=31")
	}
	return n, err
}

func (f zstdFrames) Close() error {
	f.decoder.Close()
	return nil
}
