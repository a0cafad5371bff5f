package seal

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"auditctl/pkg/compress"
	"auditctl/pkg/internal/osfile"
	"auditctl/pkg/internal/rotated"
)

// Errors of [Log.Erase] for a log that another process has open, or of which that cannot be
// known.
var (
	ErrOpen     = osfile.ErrOpen
	ErrNoLeases = osfile.ErrNoLeases
	ErrNotOwner = osfile.ErrNotOwner
)

// How long to wait for others that have the log open: they may be short-lived.
const (
	waitToBegin = time.Second
	waitToEnd   = 10 * time.Second
)

// A replacement is a new file that is to take the place of one of the log.
type replacement struct {
	part     osfile.File // nil if there is none
	partName string
	size     int64 // of what was replaced in the old file, uncompressed: what follows is only copied
	wrote    int64 // in part for that
	copied   bool  // part has what follows
	end      int64 // of the old file, then
}

// replaced reports whether it was done.
func (r *replacement) replaced() bool { return r.part == nil && r.partName != "" }

// replace replaces the files with lines to be erased, unless they are.
func (e *erasing) replace(ctx context.Context, key *Key, lines Lines) error {
	var files []*erasingFile
	for _, f := range e.files {
		if !lines.intersects(f.first, f.last()) || f.found.path == "" && !e.erased.Lines.intersects(f.first, f.last()) {
			continue // what is gone is erased
		}
		if _, err := e.open(f); err != nil {
			return err
		}
		files = append(files, f)
	}
	if len(files) == 0 {
		return nil
	}
	// Nobody may have them open now, or the work below would be in vain.
	if h, err := e.holdWithin(ctx, waitToBegin, files); err != nil {
		return err
	} else {
		h.release()
	}
	for _, f := range files {
		if err := e.rewrite(ctx, f); err != nil {
			return f.named(err)
		}
	}
	if err := e.commit(ctx, files); err != nil {
		return err
	}
	for _, f := range files {
		e.erased.Files = append(e.erased.Files, f.found.path)
	}
	return cmp.Or(e.finish(key), e.late)
}

// rewrite writes the part of a file in which its sealed lines are erased that are on the
// list. There is none if none of them is still there.
func (e *erasing) rewrite(ctx context.Context, f *erasingFile) (err error) {
	in, err := e.open(f)
	if err != nil {
		return err
	}
	if err := e.create(f); err != nil {
		return err
	}
	part := bufio.NewWriterSize(f.part, 256<<10)
	out := io.Writer(part)
	var compressed io.WriteCloser
	if f.src.decompressor != nil {
		compressed = compress.ByName(f.found.path).NewWriter(part)
		out = compressed
	}
	r := newRewriter(in, out)
	added := int64(0) // the line feed that the last line lacks
	next, there := f.first, false
	for _, at := range e.list.at[e.list.from(f.first):] {
		if at.First > f.last() {
			break
		}
		for line := max(at.First, f.first); line <= min(at.Last, f.last()); line++ {
			if line%1024 == 0 && ctx.Err() != nil {
				return context.Cause(ctx)
			}
			if err := r.copy(line - next); err != nil {
				return e.short(f, err)
			}
			next = line + 1
			isThere, err := e.isThere(f, r, &e.list.all[at.erasure], line)
			if err != nil {
				return err
			}
			if isThere {
				there = true
				if e.state.erasures.of(line) != nil {
					e.erased.Finished = appendLine(e.erased.Finished, line)
				}
			}
			if r.ended {
				e.event = append(e.event, '\n')
			} else {
				added = 1
			}
			if err := r.write(e.event); err != nil {
				return err
			}
		}
	}
	if err := r.copy(f.last() + 1 - next); err != nil {
		return e.short(f, err)
	}
	if !r.ended {
		added = 1
	}
	f.bytes, f.size, f.wrote = r.wrote+added, r.read, r.wrote
	if compressed != nil {
		_, err := io.Copy(compressed, r.in)
		if err = cmp.Or(err, compressed.Close()); err != nil {
			return err
		}
	}
	if !there {
		return e.drop(f)
	}
	return cmp.Or(part.Flush(), f.part.Sync()) // before others have to wait
}

// named returns an error about the part of a file with the name of the file.
func (f *erasingFile) named(err error) error {
	if of := (*fs.PathError)(nil); errors.As(err, &of) && filepath.Base(of.Path) == f.partName {
		return &fs.PathError{Op: "erase", Path: f.found.path, Err: of.Err}
	}
	return err
}

// create creates the part of a file, with owner, group and permissions of the file.
func (e *erasing) create(f *erasingFile) (err error) {
	if err := e.checkAlone(f.found); err != nil {
		return err
	}
	f.partName = f.found.base() + rotated.Erasing
	if f.part, err = e.dir.Create(f.partName); err != nil {
		return err
	}
	if part, ok := f.part.(osfile.Owned); ok {
		if err := osfile.Resemble(part, f.found.info); err != nil {
			return fmt.Errorf("the file that takes the place of %s cannot get its owner, group and permissions: run as its owner or root", f.found.path)
		}
	}
	return nil
}

// checkAlone returns an error if the lines of a file are elsewhere, too.
func (e *erasing) checkAlone(f found) error {
	if osfile.NumNames(f.info) > 1 {
		return fmt.Errorf("%s has other names, hard links, under which its lines would stay: remove these first", f.path)
	}
	for _, other := range e.copies {
		if n, _ := e.log.number(f.base()); n == other.number && other.name != f.base() {
			return fmt.Errorf("%s and %s are the same file of the log, in which its lines would stay: remove one of them first", f.path, other.name)
		}
	}
	return nil
}

// drop removes the part of a file.
func (e *erasing) drop(f *erasingFile) error {
	err := cmp.Or(f.part.Close(), e.dir.Remove(f.partName))
	f.part = nil
	return err
}

// clean removes what killed processes have left, in which lines would stay, and finds which
// files there are twice.
func (e *erasing) clean() error {
	var left []string
	err := e.dir.ReadDir(".", func(entry fs.DirEntry) error {
		name, erasing := strings.CutSuffix(entry.Name(), rotated.Erasing)
		switch n, ok := e.log.number(name); {
		case ok && erasing:
			left = append(left, entry.Name())
		case ok:
			e.copies = append(e.copies, named{n, name})
		case name == filepath.Base(e.log.Path)+rotated.Compressing && e.isLeft(name):
			left = append(left, name)
		}
		return nil
	})
	for _, name := range left {
		err = cmp.Or(err, e.dir.Remove(name))
	}
	return err
}

// isLeft reports whether nobody writes to a file that a collector compresses into, which
// has it locked.
func (e *erasing) isLeft(name string) bool {
	f, err := e.dir.Open(name, os.O_RDONLY)
	if err != nil {
		return false
	}
	defer f.Close()
	locked, err := osfile.TryLock(f.(osfile.Descriptor))
	return err == nil && locked
}

// A named is a file of a log by its number.
type named struct {
	number int
	name   string
}

// commit stores the list, and then replaces the files. Once the list is stored, it does not
// give up before the files are replaced, unless that fails.
func (e *erasing) commit(ctx context.Context, files []*erasingFile) error {
	files = slices.DeleteFunc(slices.Clone(files), func(f *erasingFile) bool { return f.part == nil })
	if len(files) == 0 {
		return nil
	}
	for begun := time.Now(); ; {
		err := e.tryCommit(ctx, files)
		if !errors.Is(err, ErrOpen) || time.Since(begun) > waitToEnd {
			return err
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
}

func (e *erasing) tryCommit(ctx context.Context, files []*erasingFile) error {
	h, err := e.holdWithin(ctx, waitToEnd, files)
	if err != nil {
		return err
	}
	defer h.release()
	for _, f := range files {
		if f.replaced() {
			continue
		}
		if err := f.copyRest(); err != nil {
			return f.named(err)
		}
	}
	if err := h.check(); err != nil {
		return err
	}
	if len(e.list.all) > len(e.state.erasures.all) {
		if err := e.sidecar.replaceSynced(erasuresName, e.signed); err != nil {
			return err
		}
	}
	for i, f := range files {
		if f.replaced() {
			continue
		}
		if err := h.check(); err != nil {
			return err
		}
		if e.log.renaming != nil {
			e.log.renaming()
		}
		f.part.Close()
		if runtime.GOOS == "windows" {
			f.src.Close() // it renames no file in the place of one that is open
		}
		if err := e.dir.Rename(f.partName, h.names[i]); err != nil {
			return err
		}
		f.part = nil
	}
	err = e.dir.Sync(".")
	e.late = h.rescue(ctx, files)
	return err
}

// copyRest copies what follows after the sealed lines, and syncs it.
func (f *erasingFile) copyRest() error {
	st, err := f.src.raw.Stat()
	if err != nil {
		return err
	}
	if f.src.decompressor != nil {
		if st.Size() != f.found.info.Size() {
			return errMoved // it was written to meanwhile
		}
		return nil
	}
	if st.Size() < f.size {
		return errMoved
	}
	if f.copied { // by an earlier try
		if err := f.part.Truncate(f.wrote); err != nil {
			return err
		}
	}
	f.copied, f.end = st.Size() > f.size, st.Size()
	_, err = io.Copy(io.NewOffsetWriter(f.part, f.wrote), io.NewSectionReader(f.src.raw, f.size, st.Size()-f.size))
	return cmp.Or(err, f.part.Sync())
}

// finish stores that the erasures are done.
func (e *erasing) finish(key *Key) error {
	m := *e.state.manifest
	m.erased = e.list.version(len(e.list.all))
	m.files = nil
	for _, f := range e.files {
		m.files = append(m.files, f.file)
	}
	signed, err := key.sign(m.String())
	if err != nil {
		return err
	}
	if old, err := e.sidecar.read(manifestName); err != nil || bytes.Equal(old, signed) {
		return err
	}
	return e.sidecar.replaceSynced(manifestName, signed)
}
