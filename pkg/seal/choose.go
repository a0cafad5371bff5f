package seal

import (
	"cmp"
	"context"
	"io"
	"math"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

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
