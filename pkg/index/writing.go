package index

import (
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"syscall"

	"auditctl/pkg/internal/osfile"
)

// A writer writes the file of an index.
type writer struct {
	file    io.WriterAt
	encoder encoder
	record  record
	end     int64   // of the last block, in the log
	pending []Block // of the next segment
	buf     []byte
}

// segmentBlocks is how many blocks a segment has where many are written together.
const segmentBlocks = 256

// begin writes all that comes before the record and the segments.
func (w *writer) begin(k key) error {
	w.record.length = segmentsAt
	head := append([]byte(Magic), version)
	head = append(head, k.secret[:]...)
	head = append(head, make([]byte, 2*slotSize)...)
	_, err := w.file.WriteAt(head, 0)
	return err
}

// add adds a block whose filter is in memory.
func (w *writer) add(b Block) error {
	w.pending = append(w.pending, b)
	w.end = b.End
	w.record.blocks++
	if len(w.pending) < segmentBlocks {
		return nil
	}
	return w.flush()
}

// flush writes a segment of the blocks that were added.
func (w *writer) flush() error {
	if len(w.pending) == 0 {
		return nil
	}
	w.buf = w.encoder.segment(w.buf[:0], w.pending)
	clear(w.pending)
	w.pending = w.pending[:0]
	_, err := w.file.WriteAt(w.buf, w.record.length)
	w.record.length += int64(len(w.buf))
	return err
}

// finish writes the blocks that were added, and then the record, which makes them count.
func (w *writer) finish() error {
	if err := w.flush(); err != nil {
		return err
	}
	w.record.sequence++
	_, err := w.file.WriteAt(w.record.append(w.buf[:0]), w.record.at())
	return err
}

// replace writes the file of an index, in place of another one only.
func replace(path string, write func(*os.File) error) error {
	suffix := "." + rand.Text()[:8] + ".part"
	switch is, err := Is(path); {
	case errors.Is(err, fs.ErrNotExist):
		return osfile.CreateFile(path, suffix, write)
	case err != nil:
		return err
	case !is:
		return &fs.PathError{Op: "replace", Path: path, Err: errNotIndex}
	}
	return osfile.ReplaceFile(path, suffix, write)
}

var errNotIndex = errors.New("it is not an index: move it out of the way")

// Is reports whether the file at a path is an index, of any version and any log.
func Is(path string) (bool, error) {
	f, err := osfile.OpenRegular(path, os.O_RDONLY|osfile.NoFollow, 0)
	if errors.Is(err, osfile.ErrNotRegular) || errors.Is(err, syscall.ELOOP) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer f.Close()
	head, err := readHead(f)
	// An empty file may be anything.
	return err == nil && len(head) > 0 && checkMagic(head) != fs.ErrNotExist, err
}
