package index

import (
	"context"
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
	file     *os.File
	window   window
	key      key
	last     record
	grown    bool
	blocks   []Block
	names    []string // in the order of their numbers
	segments int
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

// Close closes the file of the index, from which filters are read.
func (ix *Index) Close() error {
	return ix.file.Close()
}
