package seal

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"strconv"

	"golang.org/x/mod/sumdb/tlog"

	"auditctl/pkg/seal/internal/merkle"
)

// The lines of a bundle that are neither of the log nor hashes nor a signed note.
const (
	bundleHead  = "auditctl bundle v1"
	omittedHead = "omitted "
)

// A BundleWriter writes a bundle: lines of a log, as they are, and what proves that they are
// in it, for somebody who does not have the log. [VerifyBundle] verifies it. See the package
// for its format.
//
// It writes as lines are added, and its memory does not grow with their number. Before the
// first line it writes nothing. If it fails, what was written is no valid bundle.
type BundleWriter struct {
	log        Log
	sidecar    *sidecar
	loaded     *loaded
	checkpoint Checkpoint
	hashes     treeHashes

	version [2]tlog.Hash // of the sidecar

	out    *bufio.Writer
	sum    hash.Hash
	leaf   tlog.Hash // of the last line
	next   int64     // the leaf after the last one that was written or left out
	count  int64
	listed bool // the erasures were written
	err    error
}

// Bundle returns a BundleWriter for lines of the log that writes to w. It must be closed. The
// error is [ErrNotSealed] if the log was never sealed.
func (l Log) Bundle(w io.Writer) (*BundleWriter, error) {
	l, s, err := l.openToRead()
	if err != nil {
		return nil, err
	}
	b := &BundleWriter{log: l, sidecar: s, version: s.version(), out: bufio.NewWriterSize(w, 64<<10), sum: sha256.New()}
	if b.loaded, err = l.loadWhole(s); err != nil {
		s.Close()
		return nil, err
	}
	b.checkpoint = b.loaded.last
	b.hashes = treeHashes{sidecar: s, tree: b.checkpoint.body.Tree}
	return b, nil
}

// Checkpoint returns the checkpoint that the bundle has: the newest one.
func (b *BundleWriter) Checkpoint() Checkpoint { return b.checkpoint }

// Count returns how many lines were added.
func (b *BundleWriter) Count() int64 { return b.count }

// Reader returns a reader of all lines of the log, with those that are not sealed yet, and
// how many at its start are left out since their files are gone. The files may be rotated
// meanwhile.
func (b *BundleWriter) Reader() (r io.ReadCloser, pruned int64, err error) {
	in, err := b.log.newReader(b.sidecar, b.loaded)
	if err != nil {
		return nil, 0, err
	}
	pruned = in.pruned()
	_, err = in.skip(pruned + 1)
	return in, pruned, err
}

// Add adds a line, given without its line feed, which must come after those that were added
// before. It must be sealed. The error is a [*ChangedError] if it is not the line that was
// sealed.
func (b *BundleWriter) Add(number int64, line []byte) error {
	b.begin(number)
	b.write(line)
	return b.end(number)
}

// AddLines adds lines, which must come after those that were added before, from the log.
func (b *BundleWriter) AddLines(ctx context.Context, lines Lines) error {
	in, err := b.log.newReader(b.sidecar, b.loaded)
	if err != nil {
		return err
	}
	defer in.Close()
	buf := bufio.NewReaderSize(in, 256<<10)
	at := int64(0) // lines read
	drop, write := func([]byte) {}, b.write
	for _, r := range lines {
		skipped, err := in.skip(r.First)
		if skipped {
			buf.Reset(in)
			at = in.lines
		}
		for err == nil && at < r.Last {
			at++
			switch {
			case at&0xfff == 0 && ctx.Err() != nil:
				err = context.Cause(ctx)
			case at < r.First:
				err = eachPiece(buf, drop)
			default:
				b.begin(at)
				if err = eachPiece(buf, write); err == nil {
					err = b.end(at)
				}
			}
		}
		if err == io.EOF {
			err = &ChangedError{Short: true, Reason: fmt.Sprintf("%d lines were sealed, line %d is missing", b.checkpoint.Lines(), at)}
		}
		if err != nil {
			return b.fail(err)
		}
	}
	return nil
}

// eachPiece calls do for the next line, without its line feed, piece by piece.
func eachPiece(in *bufio.Reader, do func(piece []byte)) error {
	for {
		piece, err := in.ReadSlice('\n')
		switch {
		case err == nil:
			do(piece[:len(piece)-1])
			return nil
		case err != bufio.ErrBufferFull:
			return err
		}
		do(piece)
	}
}

// leafPrefix is what a leaf is the hash of, before its line, see [tlog.RecordHash].
var leafPrefix = []byte{0}

// fail returns the first error there was.
func (b *BundleWriter) fail(err error) error {
	if b.err == nil {
		b.err = err
	}
	return b.err
}

// begin writes what comes before a line.
func (b *BundleWriter) begin(number int64) {
	switch lines := b.checkpoint.Lines(); {
	case number > lines:
		b.fail(fmt.Errorf("line %d is not sealed yet: %d lines are", number, lines))
	case number <= b.next:
		b.fail(fmt.Errorf("line %d is not after line %d", number, b.next))
	}
	if b.err != nil {
		return
	}
	if b.count == 0 {
		fmt.Fprintf(b.out, "%s\n\n%s\n", bundleHead, b.checkpoint.signed)
	}
	b.omit(number - 1)
	if !b.listed && b.loaded.erasures.of(number) != nil {
		b.listed = true
		fmt.Fprintf(b.out, "%s\n", b.loaded.erasures.signed)
	}
	b.out.Write(append(strconv.AppendInt(b.out.AvailableBuffer(), number, 10), ' '))
	b.sum.Reset()
	b.sum.Write(leafPrefix)
}

// omit writes the hashes in the place of the leaves up to one that is not among them.
func (b *BundleWriter) omit(to int64) {
	if b.next == to {
		return
	}
	b.out.WriteString(omittedHead + Lines{{b.next + 1, to}}.String() + "\n")
	for level, n := range merkle.Subtrees(b.next, to) {
		h, err := b.hashes.at(level, n)
		if err != nil {
			b.fail(err)
			return
		}
		fmt.Fprintf(b.out, "%v\n", h)
	}
	b.next = to
}

// write writes a piece of a line.
func (b *BundleWriter) write(piece []byte) {
	if b.err == nil {
		b.sum.Write(piece)
		b.out.Write(piece)
	}
}

// end ends a line, if it is the one that was sealed.
func (b *BundleWriter) end(number int64) error {
	if b.err != nil {
		return b.err
	}
	want, err := b.hashes.at(0, number-1)
	if err != nil {
		return b.fail(err)
	}
	b.sum.Sum(b.leaf[:0])
	if err := b.compare(number, b.leaf, want); err != nil {
		return b.fail(err)
	}
	if err := b.out.WriteByte('\n'); err != nil {
		return b.fail(err)
	}
	b.next = number
	b.count++
	return nil
}

// compare returns an error unless a line that has a leaf is the one that was sealed, or what
// is in its place since it was erased.
func (b *BundleWriter) compare(number int64, have, want tlog.Hash) error {
	e := b.loaded.erasures.of(number)
	switch {
	case e == nil && have == want, e != nil && have == tlog.RecordHash(e.appendEvent(nil, number, want)):
		return nil
	case b.sidecar.version() != b.version:
		return errors.New("it was sealed meanwhile, or lines were erased: try again")
	case have == want:
		return fmt.Errorf("line %d is listed as erased and still there: erase it again", number)
	case e != nil:
		return changedf("line %d was erased, and what took its place was changed", number)
	}
	return changedf("line %d is not the one that was sealed", number)
}

// Abort makes Close leave the bundle unfinished, and return err unless there was an error
// before.
func (b *BundleWriter) Abort(err error) { b.fail(err) }

// Close ends the bundle. It returns the first error there was.
func (b *BundleWriter) Close() error {
	if b.sidecar == nil {
		return b.err
	}
	if b.err == nil && b.count > 0 {
		b.omit(b.checkpoint.Lines())
	}
	if b.err == nil {
		b.err = b.out.Flush()
	}
	b.sidecar.Close()
	b.sidecar = nil
	return b.err
}
