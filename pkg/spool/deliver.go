package spool

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"slices"

	"auditctl/pkg/internal/osfile"
)

// deliver delivers what waits. How it locks out others that deliver is up to lock, whose
// errors it returns.
func (q *Queue) deliver(ctx context.Context, lock func(osfile.Descriptor) error, to Destination) error {
	if some, err := q.Waiting(); err != nil || !some {
		return err
	}
	turn, err := q.spool.lock(q.prefix+".delivering", lock)
	if err != nil {
		return err
	}
	d := &delivery{queue: q, to: to}
	defer d.leave()
	defer turn.Close()
	for {
		// At the end, the turn ends before others can add lines: those who found it taken
		// rely on being looked after.
		more, err := d.next(func() { turn.Close() })
		if err != nil || !more {
			return err
		}
		if err := d.segment(ctx); err != nil {
			return err
		}
	}
}

// A delivery delivers what waits in a queue, segment by segment.
type delivery struct {
	queue *Queue
	to    Destination

	skipped []int       // segments that are not files
	number  int         // of the segment
	file    osfile.File // nil: none is open
	at      int64       // what is before it needs no more attention
	end     int64       // of its complete lines
	damaged bool        // some of it has no mark
}

// leave closes the segment.
func (d *delivery) leave() {
	if d.file != nil {
		d.file.Close()
		d.file = nil
	}
}

// next finds out what there is to deliver next, and removes what was delivered. If there is
// nothing, it returns false, and calls last before others can add lines.
func (d *delivery) next(last func()) (more bool, err error) {
	unlock, err := d.queue.lockFiles()
	if err != nil {
		return false, err
	}
	defer unlock()
	segments, err := d.queue.spool.segments(d.queue.prefix)
	if err != nil {
		return false, err
	}
	for _, n := range segments {
		if slices.Contains(d.skipped, n) {
			continue
		}
		if err := d.enter(n); err != nil {
			d.skip(n, err)
			continue
		}
		if d.end, err = cutTorn(d.file); err != nil {
			return false, err
		}
		if d.at < d.end {
			return true, nil
		}
		if err := d.remove(); err != nil {
			return false, err
		}
	}
	last()
	return false, nil
}

// enter opens a segment, unless it is the current one.
func (d *delivery) enter(n int) (err error) {
	if d.file != nil && d.number == n {
		return nil
	}
	d.leave()
	d.number, d.at, d.damaged = n, 0, false
	d.file, err = d.queue.open(n)
	return err
}

func (d *delivery) skip(n int, err error) {
	d.skipped = append(d.skipped, n)
	if !errors.Is(err, fs.ErrNotExist) {
		d.queue.spool.warn("%v: it is skipped", err)
	}
}

// remove removes the segment, which has nothing that waits, or if it has anything that is
// not known, gives it another name.
func (d *delivery) remove() error {
	d.leave()
	name := segmentName(d.queue.prefix, d.number)
	if !d.damaged {
		return d.queue.spool.disk.Remove(name)
	}
	d.queue.spool.warn("%s has something else than waiting lines in it: it is %s.damaged now", d.queue.spool.path(name), name)
	return d.queue.spool.disk.Rename(name, name+".damaged")
}

// segment delivers the segment up to its end.
func (d *delivery) segment(ctx context.Context) error {
	in := bufio.NewReaderSize(io.NewSectionReader(d.file, d.at, d.end-d.at), 64<<10)
	var b batch
	for d.at < d.end {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := b.read(in); err != nil {
			return err
		}
		d.at += b.before
		d.damaged = d.damaged || b.damaged
		if len(b.lines) == 0 {
			continue
		}
		taken, err := d.to.Write(ctx, b.lines)
		if err == nil {
			taken = len(b.lines)
		}
		if taken > 0 {
			err = cmp.Or(err, d.note(ctx, &b, taken))
		}
		if err != nil {
			return err
		}
		d.at += int64(len(b.records))
	}
	return nil
}

// note notes in the segment that so many bytes of a batch were taken.
func (d *delivery) note(ctx context.Context, b *batch, taken int) error {
	if err := d.to.Sync(ctx); err != nil {
		return err
	}
	b.mark(taken)
	_, err := d.file.WriteAt(b.records, d.at)
	return err
}
