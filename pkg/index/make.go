package index

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"time"

	"auditctl/pkg/internal/osfile"
)

// Options are options for [Make].
type Options struct {
	// Progress, if not nil, is called with how many more bytes were read.
	Progress func(n int64)

	// BlockSize is how many bytes a block has at most, but for one of a single line; 0: 1 MiB.
	BlockSize int

	clock *clock // for tests
}

// Made says what Make did.
type Made struct {
	Blocks                 int
	Lines, Events, Invalid int64 // in them

	Kept int // blocks that were there before, and for whose lines they still hold

	// Unsure is why all blocks are compared with the log before each use of the index,
	// until it is made again; empty: they are not.
	Unsure string
}

// Why an index is unsure.
const (
	grewMeanwhile = "the log grew meanwhile"
	fromTheFuture = "the log was changed in the future, by the clock of its file system"
)

var (
	errMeanwhile   = errors.New("it was changed meanwhile: try again")
	errUnsupported = errors.New("an index needs change times that users cannot set, which this system does not have")
)

// Make makes the index of a log, a regular file of lines, and writes it to [Name] of its path
// in place of another one. Blocks of an index that still holds are kept, and those of one
// whose log has grown if their checksums do; the rest is read.
//
// It begins once the change time of the log is 20 ms old, by the clock of its file system.
// That clock is coarse: until then a change may leave the change time as it is.
func Make(ctx context.Context, path string, opts *Options) (made Made, err error) {
	if !supported {
		return made, &fs.PathError{Op: "index", Path: path, Err: errUnsupported}
	}
	log, err := osfile.OpenRegular(path, os.O_RDONLY, 0)
	if err != nil {
		return made, err
	}
	defer log.Close()
	m := maker{log: log, path: path, made: &made}
	if opts != nil {
		m.Options = *opts
	}
	err = replace(Name(path), func(f *os.File) error { return m.write(ctx, f) })
	if err == errHolds {
		err = nil
	}
	return made, err
}

// Prepare makes the index of a log unless there is one that holds, for a [Keeper].
func Prepare(ctx context.Context, path string) error {
	log, err := osfile.OpenRegular(path, os.O_RDONLY, 0)
	if err != nil {
		return err
	}
	defer log.Close()
	ix, err := Open(log, Name(path))
	if err == nil {
		ix.Close()
	}
	if err == nil && !ix.grown && ix.segments <= manySegments {
		return nil
	}
	_, err = Make(ctx, path, nil)
	return err
}

// errHolds says that there is an index that holds, so that no other is needed.
var errHolds = errors.New("it holds")

// A maker makes one index.
type maker struct {
	Options
	log  *os.File
	path string
	made *Made
	out  writer
}

// write writes the index to a file, beside the one that may be there.
func (m *maker) write(ctx context.Context, f *os.File) error {
	if m.clock == nil {
		m.clock = clockOf(f)
	}
	begun, err := m.settled(ctx)
	if err != nil {
		return err
	}
	// What is not on disk may be lost without a trace in size and change time. An index of
	// that lasts until then.
	synced := m.log.Sync() == nil
	old, err := m.old(ctx)
	if err != nil {
		return err
	}
	b := builder{key: newKey(), log: m.log, end: begun.size, size: cmp.Or(m.BlockSize, blockSize), progress: m.Progress}
	if old != nil {
		defer old.Close()
		b.key, b.number = old.key, old.last.next
	}
	m.out.file = f
	if err := m.out.begin(b.key); err != nil {
		return err
	}
	if err := m.keep(old, begun); err != nil {
		return err
	}
	if err := b.build(ctx, m.out.end, m.add); err != nil {
		return err
	}
	ended, err := stateOf(m.log)
	switch {
	case err != nil:
		return err
	case ended.equal(begun):
	case ended.inode == begun.inode && ended.size > begun.size:
		// What was read may have been there at no time at all, but blocks say what was
		// read, and are compared with the log before they are used.
		m.made.Unsure = grewMeanwhile
	default:
		return &fs.PathError{Op: "index", Path: m.path, Err: errMeanwhile}
	}
	if m.made.Unsure == "" && old != nil && old.last.holds(begun) && old.segments <= manySegments && old.End() == m.out.end {
		return errHolds
	}
	r := &m.out.record
	r.state, r.sure, r.synced, r.boot, r.next = begun, m.made.Unsure == "", synced, thisBoot(), b.number
	return m.out.finish()
}

// settled waits until the change time of the log is old enough, and returns its state.
func (m *maker) settled(ctx context.Context) (state, error) {
	var waited time.Duration
	for {
		st, err := stateOf(m.log)
		if err != nil {
			return st, err
		}
		now, err := m.clock.now()
		if err != nil {
			return st, err
		}
		wait := st.changed.Add(raciness(st.changed)).Sub(now)
		switch {
		case wait <= 0:
			return st, nil
		case wait > patience:
			m.made.Unsure = fromTheFuture
			return st, nil
		case waited > patience:
			m.made.Unsure = grewMeanwhile
			return st, nil
		}
		if err := m.clock.sleep(ctx, wait); err != nil {
			return st, err
		}
		waited += wait
	}
}

// patience is how long to wait for a change time to become old enough. A log that is always
// written to never has such a one.
const patience = 3 * time.Second

// raciness returns how old a change time must be so that every later one is another. File
// systems that know whole seconds only get more time.
func raciness(changed time.Time) time.Duration {
	if changed.Nanosecond() == 0 {
		return 2100 * time.Millisecond
	}
	return 20 * time.Millisecond
}

// old returns the index that there is, if it holds for the log as it is now, at least for the
// start of it; else nil.
func (m *maker) old(ctx context.Context) (*Index, error) {
	old, err := Open(m.log, Name(m.path))
	if err != nil {
		return nil, nil
	}
	if err = old.Confirm(ctx, m.log); err == nil {
		return old, nil
	}
	old.Close()
	if ctx.Err() != nil {
		return nil, err
	}
	return nil, nil
}

// manySegments is how many segments are not put together yet when an index still holds.
const manySegments = 1024

// keep adds the blocks of another index of the same log, up to a last one that is short if
// there is more after it.
func (m *maker) keep(old *Index, begun state) error {
	if old == nil {
		return nil
	}
	blocks := old.blocks
	if last := len(blocks) - 1; last >= 0 && begun.size > old.End() && blocks[last].End-blocks[last].Start < blockSize/2 {
		blocks = blocks[:last]
	}
	for i, b := range blocks {
		if b.ids.size > 0 {
			old.withFilter(&b.ids, func(bits []byte) { b.ids.bits = bytes.Clone(bits) })
			if b.ids.bits == nil {
				break // the rest is read again
			}
		}
		if err := m.add(b); err != nil {
			return err
		}
		if m.made.Kept = i + 1; m.Progress != nil {
			m.Progress(b.End - b.Start)
		}
	}
	return nil
}

// add adds a block.
func (m *maker) add(b Block) error {
	m.made.Blocks++
	m.made.Lines += b.Lines
	m.made.Events += b.Events
	m.made.Invalid += b.Invalid
	return m.out.add(b)
}
