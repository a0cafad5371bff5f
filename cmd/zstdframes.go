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
type zstdFrames struct {
	src     *bufio.Reader
	last    [len(zstdMagic)]byte // that the decoder got
	decoder *zstd.Decoder
}

func newZstdFrames(src *bufio.Reader) io.ReadCloser {
	f := &zstdFrames{src: src}
	var err error
	f.decoder, err = zstd.NewReader(readerFunc(f.feed), zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
	if err != nil {
		panic(err) // the options are in order
	}
	return f
}

// feed gives the decoder what it asks for, and keeps the last bytes of that.
func (f *zstdFrames) feed(p []byte) (int, error) {
	n, err := f.src.Read(p)
	last := append(f.last[:], p[max(0, n-len(f.last)):n]...)
	copy(f.last[:], last[len(last)-len(f.last):])
	return n, err
}

func (f *zstdFrames) Read(p []byte) (int, error) {
	n, err := f.decoder.Read(p)
	switch {
	case errors.Is(err, zstd.ErrMagicMismatch):
		if err = errTrailing; f.last == [len(zstdMagic)]byte{} {
			if err = skipPadding(f.src); err == nil {
				err = f.decoder.Reset(readerFunc(f.feed))
			}
		}
	case errors.Is(err, zstd.ErrWindowSizeExceeded), errors.Is(err, zstd.ErrDecoderSizeExceeded):
		err = errors.New("its window is larger than 128MiB: pipe it through zstd -dc --long=31")
	}
	return n, err
}

func (f *zstdFrames) Close() error {
	f.decoder.Close()
	return nil
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
