package compress

import (
	"bufio"
	"errors"
	"io"

	"github.com/klauspost/compress/zstd"
)

// maxWindow is the largest window of a frame, all of which is held in memory. It is the
// default of the zstd command.
const maxWindow = 128 << 20

// zstdFrames reads Zstandard frames.
type zstdFrames struct{ decoder *zstd.Decoder }

func newZstdFrames(src *bufio.Reader) zstdFrames {
	return zstdFrames{newZstdDecoder(&zstdParts{src: src}, zstd.WithDecoderMaxWindow(maxWindow))}
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

// newZstdDecoder returns a decoder that starts no goroutines and uses little memory.
func newZstdDecoder(src io.Reader, options ...zstd.DOption) *zstd.Decoder {
	decoder, err := zstd.NewReader(src, append(options, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true))...)
	if err != nil {
		panic(err) // the options are in order
	}
	return decoder
}
