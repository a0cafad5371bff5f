package index

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
)

// A checksum is the GMAC of a block's bytes and the number that was used for it, once under a
// key.
type checksum struct {
	number uint64
	tag    [tagSize]byte
}

const (
	keySize = 16 // AES-128, the fastest
	tagSize = 16

	// chunkSize is how many bytes one GMAC is of. That of a longer block is a chain: each
	// chunk is authenticated together with the tag of the one before.
	chunkSize = blockSize
)

// A key makes checksums. Whoever does not have it cannot make two texts with the same one,
// since they see no tag: these are kept where the key is.
type key struct {
	secret [keySize]byte
	aead   cipher.AEAD
}

func newKey() key {
	var secret [keySize]byte
	rand.Read(secret[:])
	return keyOf(secret)
}

func keyOf(secret [keySize]byte) key {
	block, err := aes.NewCipher(secret[:])
	if err != nil {
		panic(err) // of the wrong size
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	return key{secret, aead}
}

// A chain makes the checksum of a block whose bytes come chunk by chunk: all but the last of
// chunkSize bytes.
type chain struct {
	key    key
	sum    checksum
	chunks uint32
	out    [2 * tagSize]byte
}

func (c *chain) add(chunk []byte) {
	var nonce [12]byte
	binary.LittleEndian.PutUint64(nonce[:], c.sum.number)
	binary.LittleEndian.PutUint32(nonce[8:], c.chunks)
	var before []byte
	if c.chunks > 0 {
		before = c.sum.tag[:]
	}
	sealed := c.key.aead.Seal(c.out[:0], nonce[:], before, chunk)
	copy(c.sum.tag[:], sealed[len(before):])
	c.chunks++
}

// addAll adds bytes that are all there is, or as many whole chunks of them.
func (c *chain) addAll(bytes []byte) {
	for len(bytes) > chunkSize {
		c.add(bytes[:chunkSize])
		bytes = bytes[chunkSize:]
	}
	c.add(bytes)
}

// confirmers is how many goroutines compare blocks with their checksums.
const confirmers = 2

// confirm returns an error unless all blocks have their checksums.
func (k key) confirm(ctx context.Context, log io.ReaderAt, blocks []Block) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var all sync.WaitGroup
	for range confirmers {
		all.Go(func() {
			buf := make([]byte, chunkSize)
			for ctx.Err() == nil {
				i := next.Add(1) - 1
				if i >= int64(len(blocks)) {
					return
				}
				if err := k.confirmBlock(log, &blocks[i], buf); err != nil {
					cancel(err)
				}
			}
		})
	}
	all.Wait()
	return context.Cause(ctx)
}

func (k key) confirmBlock(log io.ReaderAt, b *Block, buf []byte) error {
	c := chain{key: k, sum: checksum{number: b.checksum.number}}
	for at := b.Start; at < b.End; {
		chunk := buf[:min(int64(len(buf)), b.End-at)]
		if n, err := log.ReadAt(chunk, at); n < len(chunk) {
			return fmt.Errorf("its lines cannot be compared: %w", err)
		}
		c.add(chunk)
		at += int64(len(chunk))
	}
	if c.sum.tag != b.checksum.tag {
		return errChanged
	}
	return nil
}
