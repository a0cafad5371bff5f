package seal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
)

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
