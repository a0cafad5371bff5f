package index

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
	"time"

	"auditctl/pkg/internal/osfile"
)

// Make makes the index of a log, a regular file, and writes it to [Name] of its path.
// progress, if not nil, is called with how many more bytes were read.
func Make(ctx context.Context, path string, progress func(n int64)) (*Index, error) {
	log, err := osfile.OpenRegular(path, os.O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	if progress == nil {
		progress = func(int64) {}
	}
	begun, err := settled(ctx, log)
	if err != nil {
		return nil, err
	}
	b := builder{key: newKey(), log: log, end: begun.size, progress: progress}
	blocks, err := b.build(ctx, nil, 0)
	if err != nil {
		return nil, err
	}
	ended, err := stateOf(log)
	if err != nil {
		return nil, err
	}
	if !ended.equal(begun) {
		return nil, fmt.Errorf("%s: %w", path, errMeanwhile)
	}
	ix := &Index{blocks: blocks, key: b.key, state: begun, next: b.number}
	return ix, ix.save(Name(path), log.Sync() == nil)
}

var errMeanwhile = errors.New("it was changed meanwhile")

// racy is how old a change time must be so that every later change has another one: the
// clocks of file systems are coarse.
const racy = 20 * time.Millisecond

// settled waits until the change time of a log is old enough, and returns its state.
func settled(ctx context.Context, log *os.File) (state, error) {
	for {
		st, err := stateOf(log)
		wait := time.Until(st.changed.Add(racy))
		if err != nil || wait <= 0 {
			return st, err
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return st, context.Cause(ctx)
		}
	}
}

// save writes the index to a file, in place of another index only.
func (ix *Index) save(path string, synced bool) error {
	e := encoder{names: map[string]uint32{}}
	data := append([]byte(magic), version)
	data = append(append(data, ix.key.secret[:]...), make([]byte, 2*slotSize)...)
	if len(ix.blocks) > 0 {
		data = e.segment(data, ix.blocks)
	}
	r := record{sequence: 1, state: ix.state, synced: synced, boot: thisBoot(), length: int64(len(data)), next: ix.next}
	r.append(data[slotsAt:slotsAt])
	write := func(f *os.File) error {
		_, err := f.Write(data)
		return err
	}
	const suffix = ".part"
	switch isIndex, err := isIndexAt(path); {
	case errors.Is(err, fs.ErrNotExist):
		return osfile.CreateFile(path, suffix, write)
	case err != nil:
		return err
	case !isIndex:
		return &os.PathError{Op: "replace", Path: path, Err: errNotIndex}
	}
	return osfile.ReplaceFile(path, suffix, write)
}

// isIndexAt reports whether the file at a path is an index, of any version.
func isIndexAt(path string) (bool, error) {
	f, err := osfile.OpenRegular(path, os.O_RDONLY|osfile.NoFollow, 0)
	if errors.Is(err, osfile.ErrNotRegular) || errors.Is(err, syscall.ELOOP) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer f.Close()
	head := make([]byte, segmentsAt)
	n, _ := f.ReadAt(head, 0)
	err = checkMagic(head[:n])
	return !errors.Is(err, fs.ErrNotExist), nil
}
