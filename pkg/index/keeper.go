package index

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"auditctl/pkg/internal/osfile"
)

// A Log is an open log, such as an [*os.File].
type Log interface {
	io.ReaderAt
	Fd() uintptr
}

// A Keeper keeps the index of a log up to date while lines are appended to the log. Any number
// of processes may append, each with a Keeper of its own, if they lock the log.
//
// The index then holds at once, although the change time is not old enough to tell a later
// change apart: so a Keeper vouches for a log only if nobody else but root may write to it, and
// while size and change time are as the last Keeper left them. A write that ignores the lock,
// at the same instant and by the same user, may go unnoticed. Where a Keeper does not vouch, all
// blocks are compared with the log before each use, as those of a log that has grown.
//
// The log is written before its index, which at any time says nothing that is not so.
type Keeper struct {
	path string // of the log
	warn func(message string)

	file   *os.File // of the index; nil: none is open
	out    writer
	key    key
	begun  state // of the log, before something was appended
	warned bool
	broken bool // it could not be written

	piece piece
	tally Tally

	wrap func(io.WriterAt) io.WriterAt // for tests; may be nil
}

// NewKeeper returns a Keeper for the log at a path. It makes the index of an empty log; that of
// another one must be there, see [Prepare]. warn is called with what a user should know.
func NewKeeper(path string, warn func(message string)) *Keeper {
	return &Keeper{path: path, warn: warn, piece: piece{done: make(chan struct{}, 1)}}
}

// Begin is called before something is appended to the log, which is locked.
func (k *Keeper) Begin(log Log) {
	if !supported {
		return
	}
	var err error
	if k.begun, err = stateOf(log); err != nil {
		k.fail(err)
		return
	}
	if k.broken = k.broken && k.begun.size > 0; k.broken {
		return
	}
	if k.file == nil || !k.out.record.state.equal(k.begun) || !k.isCurrent() {
		k.open() // others may have made it, or kept it
	}
}

// End is called after something was appended to the log, which is still locked.
func (k *Keeper) End(log Log) {
	if k.broken || !supported {
		return
	}
	now, err := stateOf(log)
	if err == nil && now.equal(k.begun) {
		return
	}
	if err == nil && k.begun.size == 0 && !k.out.record.holds(k.begun) {
		err = k.create()
	}
	if err == nil && k.file == nil {
		err = errGone
	}
	if err == nil {
		err = k.extend(log, now)
	}
	if err != nil {
		k.fail(err)
	}
	k.begun = now
}

var errGone = errors.New("there is none that holds: index the log again")

// Synced is called after the log was synced, while it is locked and nothing more is appended:
// what the index says then also holds after a crash of the machine.
func (k *Keeper) Synced(log Log) {
	k.Begin(log)
	if k.file == nil || !k.out.record.holds(k.begun) {
		return
	}
	k.out.record.synced = true
	if err := errors.Join(k.out.finish(), k.file.Sync()); err != nil {
		k.fail(err)
	}
}

// Close closes the file of the index.
func (k *Keeper) Close() {
	if k.file != nil {
		k.file.Close()
	}
	k.file, k.out = nil, writer{}
}

// extend adds the blocks that are full now, and says that the index is for the log as it is.
func (k *Keeper) extend(log Log, now state) error {
	r := &k.out.record
	if now.size < k.out.end {
		return errChanged
	}
	b := builder{key: k.key, number: r.next, log: log, end: now.size, size: blockSize}
	for now.size-k.out.end >= blockSize {
		n, err := b.fill(&k.piece, k.out.end)
		if err != nil {
			return err
		}
		if n == 0 {
			break
		}
		if k.piece.lines != nil {
			b.begin(&k.piece, k.out.end)
			k.piece.check(&k.tally)
			<-k.piece.done
		}
		if err := k.out.add(k.piece.block); err != nil {
			return err
		}
	}
	sure := r.holds(k.begun)
	switch owner := checkOwner(log); {
	case !sure:
		k.say("%s is compared with the log before each use, since others write to that: index it again", Name(k.path))
	case owner != nil:
		sure = false
		k.say("%s is compared with the log before each use, since others may write to that", Name(k.path))
	}
	*r = record{sequence: r.sequence, state: now, sure: sure, boot: thisBoot(), length: r.length, next: b.number, blocks: r.blocks}
	return k.out.finish()
}

// isCurrent reports whether the file that is open still is the index.
func (k *Keeper) isCurrent() bool {
	now, err := os.Lstat(Name(k.path))
	if err != nil {
		return false
	}
	have, err := k.file.Stat()
	return err == nil && os.SameFile(have, now)
}

// open opens the index, if it is of the log as it was before something is appended, or of an
// earlier part of it.
func (k *Keeper) open() {
	k.Close()
	f, last, err := openFile(Name(k.path), os.O_RDWR)
	if err != nil {
		return
	}
	if last.state.inode != k.begun.inode || last.state.size > k.begun.size {
		f.Close()
		return
	}
	ix, err := load(f, last)
	if err != nil {
		f.Close()
		return
	}
	k.use(f, ix.key, writer{record: last, end: ix.End()})
	for _, name := range ix.names {
		k.out.encoder.add(name)
	}
}

func (k *Keeper) use(f *os.File, key key, out writer) {
	k.file, k.key, k.out = f, key, out
	k.out.file = f
	if k.wrap != nil {
		k.out.file = k.wrap(f)
	}
}

// create makes an index of the log, which was empty.
func (k *Keeper) create() error {
	out, key := writer{}, newKey()
	err := replace(Name(k.path), func(f *os.File) error {
		out.file = f
		if err := out.begin(key); err != nil {
			return err
		}
		out.record.state, out.record.sure, out.record.boot = k.begun, true, thisBoot()
		return out.finish()
	})
	if err != nil {
		return err
	}
	f, _, err := openFile(Name(k.path), os.O_RDWR)
	if err != nil {
		return err
	}
	k.Close()
	k.use(f, key, out)
	return nil
}

// fail gives the index up.
func (k *Keeper) fail(err error) {
	k.broken = true
	k.Close()
	k.warned = false
	k.say("%s is not kept up to date: %v", Name(k.path), err)
}

// say warns, but only once.
func (k *Keeper) say(format string, args ...any) {
	if !k.warned {
		k.warned = true
		k.warn(fmt.Sprintf(format, args...))
	}
}

// holds reports whether an index with the record is that of a log in some state.
func (r *record) holds(st state) bool { return r.sure && r.lasts() && r.state.equal(st) }

// Rename renames a log with a function, and its index, which goes on to hold if it did. The log
// must be locked.
func Rename(from, to string, rename func(from, to string) error) error {
	f, last, err := openFile(Name(from), os.O_RDWR)
	if err != nil {
		return rename(from, to)
	}
	defer f.Close()
	log, err := osfile.OpenRegular(from, os.O_RDONLY|osfile.NoFollow, 0)
	if err == nil {
		defer log.Close()
	}
	was, holds := state{}, false
	if err == nil {
		was, err = stateOf(log)
		holds = err == nil && last.holds(was) && checkOwner(log) == nil
	}
	if err := rename(from, to); err != nil {
		return err
	}
	if err := moveIndex(Name(from), Name(to)); err != nil || !holds {
		return nil // it is void, or there is none
	}
	// The new name has changed the change time.
	if now, err := stateOf(log); err == nil && now.inode == was.inode && now.size == was.size {
		out := writer{file: f, record: last}
		out.record.state, out.record.synced, out.record.boot = now, false, thisBoot()
		out.finish()
	}
	return nil
}

// moveIndex renames the file of an index, in place of another one only.
func moveIndex(from, to string) error {
	err := osfile.RenameNew(from, to)
	if errors.Is(err, fs.ErrExist) {
		if err = Remove(to); err == nil {
			err = osfile.RenameNew(from, to)
		}
	}
	return err
}

// Remove removes the file of an index. One that is none is left alone.
func Remove(path string) error {
	switch is, err := Is(path); {
	case err != nil:
		return err
	case !is:
		return &fs.PathError{Op: "remove", Path: path, Err: errNotIndex}
	}
	return os.Remove(path)
}
