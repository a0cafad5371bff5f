package index

import (
	"context"
	"errors"
	"io"
	"os"
)

// Suffix is what the name of an index ends with, after the name of its log.
const Suffix = ".idx"

// Name returns the name of a log's index.
func Name(log string) string { return log + Suffix }

// An Index is what is known of a log. It is safe for concurrent use, but for Confirm and
// Close.
type Index struct {
	blocks []Block
	key    key
	state  state // of the log that it was made for
	grown  bool
	next   uint64 // the number of the next checksum

	file *os.File // where filters are read from; nil: they are in memory
}

// Blocks returns the blocks, one after the other from the start of the log. What comes after
// the last one, at least a last line without its line feed, is in none.
func (ix *Index) Blocks() []Block { return ix.blocks }

// End returns where in the log the last block ends.
func (ix *Index) End() int64 {
	if len(ix.blocks) == 0 {
		return 0
	}
	return ix.blocks[len(ix.blocks)-1].End
}

// Grown reports whether the log has grown since the index was made, so that no block may be
// passed over until Confirm has returned nil.
func (ix *Index) Grown() bool { return ix.grown }

// Confirm compares all blocks of a log that has grown with their checksums, and does nothing
// otherwise. Its error is that they are others, of reading the log, or the cause of ctx.
func (ix *Index) Confirm(ctx context.Context, log io.ReaderAt) error {
	if !ix.grown {
		return nil
	}
	err := ix.key.confirm(ctx, log, ix.blocks)
	if err == nil {
		ix.grown = false
	}
	return err
}

// Close closes the file of the index.
func (ix *Index) Close() error {
	if ix.file == nil {
		return nil
	}
	return ix.file.Close()
}

// Errors of an index that is not used.
var (
	errChanged   = errors.New("the log has been changed since it was made")
	errDamaged   = errors.New("it is damaged")
	errVersion   = errors.New("another version of auditctl made it")
	errNotIndex  = errors.New("it is not an index")
	errForeign   = errors.New("it belongs to another user")
	errWritable  = errors.New("others may write to it")
	errIrregular = errors.New("it is not a regular file")
)
