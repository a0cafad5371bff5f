package seal

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// EraseOptions are options for [Log.Erase].
type EraseOptions struct {
	// Lines are the lines to erase, counted from 1 as [Log.Verify] and [Log.ProveLine] do.
	// All of them must be sealed. If there are none, it depends on Select.
	Lines Lines

	// Select, if not nil, leaves those of the Lines, or without Lines those of the log, for
	// which it returns true. It gets a line without its line feed, and if that is longer
	// than MaxSelect bytes, one byte more than that of it. It must not keep the text. It is
	// not called for lines whose text is gone already. If it returns true for a line that is
	// not sealed yet, nothing is erased, and the error is an [*UnsealedError].
	Select func(text []byte) bool

	// Reason says in one line why they are erased. It stays in the log.
	Reason string

	// Time is when they were erased, by default now. It is kept in full seconds.
	Time time.Time

	// Offline says that no other process has the log open, which is otherwise made sure of
	// by a lease. That is possible only on Linux, for the owner of the file and root, and on
	// most file systems. Without it the error is then one of [ErrNoLeases] and
	// [ErrNotOwner]. What another process writes during the erasure, without the lock that
	// package collector takes, is lost if it is true but should not be.
	Offline bool

	// DryRun changes nothing: what is returned would be done. The key may be nil, and the
	// Reason is not needed.
	DryRun bool
}

// MaxSelect is how much of a line [EraseOptions.Select] gets, in bytes.
const MaxSelect = 64 << 20

// maxReason is how long a reason may be, in bytes: it is in the place of each line.
const maxReason = 1000

// An UnsealedError is the error for lines that cannot be erased, since they are not sealed.
type UnsealedError struct {
	Line   int64 // one of them
	Sealed int64 // how many lines are sealed
}

func (e *UnsealedError) Error() string {
	return fmt.Sprintf("line %d cannot be erased, since only %d lines are sealed: seal it first", e.Line, e.Sealed)
}

// Erased is what [Log.Erase] did.
type Erased struct {
	Lines   Lines // that were erased
	Already Lines // those of EraseOptions.Lines whose text was gone already

	// Finished are lines that had been listed as erased before, but were still there, or
	// there again.
	Finished Lines
}

// Erase takes sealed lines out of a log. In the place of each it leaves an event of the type
// erased, with the number of the line, its leaf hash, and the reason; nothing else of the
// log changes. Log.Verify still finds every other change, since the erasure is signed by the
// key, which must be the one that sealed the log. Proofs of other lines stay valid.
//
// The list of what was erased is stored before the log is changed. If Erase is killed in
// between, the text is still there, as [Report.StillThere] says: Erase again, with the same
// options or without any, finishes it. It does the same for lines that came back with a copy
// of the log. Each file of the log is replaced by another one with the same owner, group and
// permissions, so it has either all of the lines or none. Nobody may have it open meanwhile,
// see [EraseOptions.Offline]: then the error is [ErrOpen]. The file system may keep the
// blocks of the old file, and backups keep the lines.
//
// The error is [ErrNotSealed] for a log that was never sealed, [ErrOtherKey] if another key
// sealed it, and a [*ChangedError] if a line to be erased is not as it was sealed.
func (l Log) Erase(ctx context.Context, key *Key, o EraseOptions) (Erased, error) {
	l, err := l.resolve()
	if err != nil {
		return Erased{}, err
	}
	s, err := l.sidecarToErase()
	if err != nil {
		return Erased{}, err
	}
	defer s.Close()
	if _, err := s.lock(ctx, o.DryRun, 0); err != nil {
		return Erased{}, err
	}
	o.Time = cmp.Or(o.Time, time.Now()).UTC().Truncate(time.Second)
	var erased Erased
	err = again(func() error {
		st, err := s.loadToErase(key, o.DryRun)
		if err != nil {
			return err
		}
		if last := o.Lines.last(); last > st.last.body.N {
			return &UnsealedError{Line: last, Sealed: st.last.body.N}
		}
		e := &erasing{log: l, sidecar: s, state: st, options: o, hashes: treeHashes{sidecar: s, tree: st.last.body.Tree}}
		defer e.close()
		err = e.run(ctx, key)
		erased = e.erased
		return err
	})
	return erased, err
}

// loadToErase reads what was sealed, and unless it is only looked at, completes it.
func (s *sidecar) loadToErase(key *Key, dryRun bool) (*state, error) {
	if dryRun && key == nil {
		key = new(Key)
	}
	st, err := s.load(key.verifier)
	switch {
	case err != nil:
		return nil, err
	case !st.signed:
		return nil, ErrNotSealed
	case st.manifest == nil:
		return nil, fmt.Errorf("%s is of another tool, so it has no place for what was erased: adopt it with a seal first", s.Path())
	}
	if !dryRun {
		st.last, err = s.complete(key, st.manifest)
	}
	return st, err
}

// An erasing takes lines out of the files of a log.
type erasing struct {
	log     Log
	sidecar *sidecar
	state   *state
	options EraseOptions
	hashes  treeHashes

	dir    directory // of the log
	copies []named   // its files, including those that are there twice
	all    []found   // its files, newest first
	files  []*erasingFile
	list   *erasures // with what is erased now
	signed []byte    // the same, if it was not stored yet
	again  Lines     // that are to be erased now, but are listed already
	event  []byte    // that takes the place of the line that isThere was called for last
	erased Erased
	late   error // of what others wrote to a file that was replaced
}

// An erasingFile is a file of a log with sealed lines.
type erasingFile struct {
	file
	first int64   // the number of its first line
	found found   // zero if it is gone
	src   *reader // nil until it is opened
	replacement
}

func (f *erasingFile) last() int64 { return f.first + f.lines - 1 }

func (f *erasingFile) gone() error {
	return &ChangedError{Short: true, Reason: fmt.Sprintf("the lines from %d to %d are gone with %s", f.first, f.last(), f.name)}
}

func (e *erasing) run(ctx context.Context, key *Key) error {
	if err := e.find(); err != nil {
		return err
	}
	now, err := e.choose(ctx)
	if err != nil {
		return err
	}
	e.erased.Lines, e.list = now, e.state.erasures
	if e.options.DryRun {
		e.erased.Finished = e.again
		return nil
	}
	if e.dir, err = e.log.storage().openParent(e.log.Path); err != nil {
		return err
	}
	if err := e.clean(); err != nil {
		return err
	}
	todo := LinesOf(append(e.list.since(e.state.manifest.erased), e.again...)...)
	if len(now) > 0 {
		erasure := Erasure{Lines: now, Time: e.options.Time, Reason: e.options.Reason}
		if err := erasure.check(); err != nil {
			return err
		}
		if e.list, err = e.list.with(erasure); err != nil {
			return err
		}
		if e.signed, err = key.sign(e.list.text(len(e.list.all))); err != nil {
			return err
		}
		if len(e.signed) > maxErasures {
			return errors.New("the list of what was erased would be too long: erase ranges of lines rather than single ones")
		}
		todo = LinesOf(append(todo, now...)...)
	} else if len(e.options.Lines) == 0 && e.options.Select == nil {
		todo = e.list.lines // also those that came back
	}
	return e.replace(ctx, key, todo)
}

// check checks what is not made here.
func (e *Erasure) check() error {
	switch {
	case strings.TrimSpace(e.Reason) == "":
		return errors.New("lines are not erased without a reason")
	case len(e.Reason) > maxReason:
		return fmt.Errorf("the reason has %d bytes: want at most %d", len(e.Reason), maxReason)
	case !printable(e.Reason):
		return errors.New("the reason must be one line of text, without control characters")
	case e.Time.Year() < 1 || e.Time.Year() > 9999:
		return fmt.Errorf("the year %d is out of range", e.Time.Year())
	}
	return nil
}

// find finds the files with sealed lines.
func (e *erasing) find() (err error) {
	if e.all, err = e.log.files(); err != nil {
		return err
	}
	m := e.state.manifest
	began, err := beginnings(m.files, 0, e.sidecar.tree(m.tree), e.state.erasures)
	if err != nil {
		return e.sidecar.treeError(err)
	}
	at, err := e.log.locate(began, m.closed, e.all)
	if err != nil {
		return err
	}
	first := int64(1)
	for i, f := range m.files {
		sealed := &erasingFile{file: f, first: first}
		if at[i] >= 0 {
			sealed.found = e.all[at[i]]
		}
		e.files = append(e.files, sealed)
		first += f.lines
	}
	return nil
}

// choose returns the lines that are to be erased now, and sets those of them that are listed
// as erased already.
func (e *erasing) choose(ctx context.Context) (Lines, error) {
	listed := e.state.erasures.lines
	if e.options.Select == nil {
		there, err := e.stillThere(ctx, e.options.Lines)
		e.again = there
		return e.options.Lines.without(listed), err
	}
	asked := e.options.Lines
	if len(asked) == 0 {
		asked = LinesOf(LineRange{1, e.state.manifest.tree.N})
	}
	there, err := e.stillThere(ctx, asked)
	if err != nil {
		return nil, err
	}
	asked = asked.without(listed.without(there))
	var chosen []LineRange
	for _, f := range e.files {
		from := asked.within(f.first, f.last())
		if len(from) == 0 || f.found.path == "" {
			continue
		}
		in, err := e.open(f)
		if err != nil {
			return nil, err
		}
		s := &selecting{rewriter: newRewriter(in, nil), next: f.first, choose: e.options.Select}
		for _, r := range from {
			if err := s.lines(ctx, r, func(line int64) { chosen = appendLine(chosen, line) }); err != nil {
				return nil, e.short(f, err)
			}
		}
	}
	if len(e.options.Lines) == 0 {
		if err := e.chooseUnsealed(ctx); err != nil {
			return nil, err
		}
	}
	now := Lines(chosen).without(listed)
	e.again = Lines(chosen).without(now)
	return now, nil
}

// stillThere returns which of some lines are listed as erased and still as they were sealed.
// Of those that were asked for, the others were erased already.
func (e *erasing) stillThere(ctx context.Context, lines Lines) (there Lines, err error) {
	listed := lines.without(lines.without(e.state.erasures.lines))
	for _, f := range e.files {
		within := listed.within(f.first, f.last())
		if len(within) == 0 || f.found.path == "" {
			continue
		}
		in, err := e.open(f)
		if err != nil {
			return nil, err
		}
		r, next := newRewriter(in, nil), f.first
		for _, of := range within {
			for line := of.First; line <= of.Last; line++ {
				if line%1024 == 0 && ctx.Err() != nil {
					return nil, context.Cause(ctx)
				}
				if err := r.copy(line - next); err != nil {
					return nil, e.short(f, err)
				}
				next = line + 1
				isThere, err := e.isThere(f, r, e.state.erasures.of(line), line)
				if err != nil {
					return nil, err
				}
				if isThere {
					there = appendLine(there, line)
				}
			}
		}
	}
	if len(e.options.Lines) > 0 {
		e.erased.Already = listed.without(there)
	}
	return there, nil
}

// isThere reads a line that is listed as erased, or is going to be, and reports whether it is
// as it was sealed. The event in its place is then e.event.
func (e *erasing) isThere(f *erasingFile, r *rewriter, of *Erasure, line int64) (bool, error) {
	have, err := r.leaf()
	if err != nil {
		return false, e.short(f, err)
	}
	was, err := e.hashes.at(0, line-1)
	if err != nil {
		return false, err
	}
	e.event = of.appendEvent(e.event[:0], line, was)
	if have != was && have != tlog.RecordHash(e.event) {
		return false, changedf("line %d is not the one that was sealed", line)
	}
	return have == was, nil
}

// chooseUnsealed returns an error if lines that are not sealed yet are to be erased.
func (e *erasing) chooseUnsealed(ctx context.Context) error {
	line := e.state.manifest.tree.N + 1
	at := writtenSince(e.all, e.state.manifest.time)
	sealed := int64(0) // lines of that file
	if n := len(e.files); n > 0 {
		last := e.files[n-1]
		if last.found.path == "" {
			return last.gone()
		}
		at = slices.IndexFunc(e.all, func(f found) bool { return f.path == last.found.path })
		sealed = last.lines
	}
	for ; at >= 0 && at < len(e.all); at-- {
		r, err := e.log.open(e.all[at])
		if err != nil {
			return err
		}
		s := &selecting{rewriter: newRewriter(r, nil), next: line, choose: e.options.Select}
		unsealed := int64(0)
		if err = s.copy(sealed); err == nil {
			err = s.lines(ctx, LineRange{line, math.MaxInt64}, func(line int64) { unsealed = cmp.Or(unsealed, line) })
		}
		r.Close()
		switch {
		case unsealed > 0:
			return &UnsealedError{unsealed, e.state.manifest.tree.N}
		case err != nil && err != io.EOF:
			return err
		}
		line, sealed = s.next, 0
	}
	return nil
}

// A selecting chooses lines of a file.
type selecting struct {
	*rewriter
	next   int64 // the next line
	choose func([]byte) bool
	text   []byte
}

// lines calls chosen for those of the lines in a range that are chosen. The error is
// [io.EOF] if the file ends before the range.
func (s *selecting) lines(ctx context.Context, r LineRange, chosen func(line int64)) error {
	if err := s.copy(r.First - s.next); err != nil {
		return err
	}
	for s.next = r.First; s.next <= r.Last; s.next++ {
		if s.next%1024 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		s.text = s.text[:0]
		err := s.line(func(piece []byte) {
			s.text = append(s.text, piece[:min(len(piece), MaxSelect+1-len(s.text))]...)
		})
		if err != nil {
			return err
		}
		if s.choose(s.text) {
			chosen(s.next)
		}
	}
	return nil
}

// open opens a file, or goes back to its start.
func (e *erasing) open(f *erasingFile) (io.Reader, error) {
	if f.found.path == "" {
		return nil, f.gone()
	}
	if f.src == nil {
		var err error
		f.src, err = e.log.open(f.found)
		return f.src, err
	}
	return f.src, f.src.restart()
}

// short returns the error for a file that has fewer lines than were sealed, if that is what
// err says.
func (e *erasing) short(f *erasingFile, err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || err == io.EOF {
		return &ChangedError{Short: true, Reason: fmt.Sprintf("%d lines of %s were sealed, fewer are left", f.lines, f.found.path)}
	}
	return err
}

func (e *erasing) close() {
	for _, f := range e.files {
		if f.part != nil {
			f.part.Close()
			e.dir.Remove(f.partName)
		}
		if f.src != nil {
			f.src.Close()
		}
	}
	if e.dir != nil {
		e.dir.Close()
	}
}

// base returns the name of a file in the directory of the log.
func (f found) base() string { return filepath.Base(f.path) }
