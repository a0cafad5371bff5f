package cmd

import (
	"cmp"
	"errors"
	"os"
	"slices"
	"syscall"

	"auditctl/cmd/internal/report"
	"auditctl/pkg/collector"
)

// A delivery is lines for destinations, of which none is in two of those that are
// sent together.
type delivery struct {
	to    group
	lines []byte
}

// send writes lines to their destinations, all at once. A line on standard output
// says with SyncAlways that it is safe in the files that are left.
func (d *destinations) send(deliveries []delivery) error {
	if d.options.files.Sync != collector.SyncAlways {
		return d.sendTo(deliveries, func(*destination) bool { return true })
	}
	if err := d.sendTo(deliveries, func(to *destination) bool { return to.fd != stdout }); err != nil {
		return err
	}
	return d.sendTo(deliveries, func(to *destination) bool { return to.fd == stdout })
}

// sendTo sends to some of the destinations. Where there are several in the set, or
// it has a scheme or a time to stall, all writes are begun before the first is waited
// for, so that they write side by side and one that does not answer can be given up.
func (d *destinations) sendTo(deliveries []delivery, chosen func(*destination) bool) error {
	alone := len(d.all) == 1 && d.options.stall == 0 && d.all[0].remote == nil
	for _, delivery := range deliveries {
		for _, to := range delivery.to {
			switch {
			case to.failed || !chosen(to):
			case alone:
				return d.check(to, to.writer.write(delivery.lines))
			default:
				to.writer.begin(delivery.lines)
			}
		}
	}
	for _, delivery := range deliveries {
		for _, to := range delivery.to {
			if to.failed || !chosen(to) {
				continue
			}
			if err := d.check(to, to.writer.wait()); err != nil {
				return err
			}
		}
	}
	return nil
}

// beginLine passes on the first piece of a line that comes in pieces. Each file
// stays locked until the end of the line, so they are taken one by one in the
// order of their names: of two commands with the same files one waits for the
// other, and not each for ever.
func (d *destinations) beginLine(piece []byte, to ...group) error {
	takers := slices.Concat(to...)
	slices.SortStableFunc(takers, func(a, b *destination) int { return cmp.Compare(a.order(), b.order()) })
	for _, taker := range takers {
		if err := d.send([]delivery{{group{taker}, piece}}); err != nil {
			return err
		}
	}
	return nil
}

// from says where the lines that follow come from, to destinations that know by it
// what an earlier run wrote.
func (d *destinations) from(in lineSource) {
	if in == d.source {
		return
	}
	d.source = in
	for _, to := range d.all {
		if to.remote == nil || to.failed || to.role.share == "" {
			continue
		}
		origin := in.Origin()
		if origin != "" {
			origin = to.role.share + " of " + origin
		}
		to.writer.from(origin)
	}
}

// check makes an error the end of the destination, and perhaps of the command.
func (d *destinations) check(to *destination, err error) error {
	if err == nil {
		return nil
	}
	to.failed = true
	if to.fd == stdout && !to.rejects && errors.Is(err, syscall.EPIPE) && d.only(to) {
		return errEnough // whoever reads has enough
	}
	d.options.reports.Errorf("%v", report.Named("write", to.name, err))
	if d.options.stopOnError {
		return errEnough
	}
	d.rejectsLost = d.rejectsLost || to.rejects
	if to.rejects || d.enough() {
		return nil
	}
	d.tooFew()
	return errEnough
}

// enough reports whether as many destinations for events are left as must be,
// or none was asked for.
func (d *destinations) enough() bool {
	all, left := d.count()
	required := d.options.require
	if required == requireAll {
		required = all
	}
	return all == 0 || left >= required
}

// tooFew says that not enough are left.
func (d *destinations) tooFew() {
	if all, left := d.count(); left > 0 {
		d.options.reports.Errorf("%d of %d destinations left: that is not enough", left, all)
	}
}

// count returns how many destinations for events there are, and are left.
func (d *destinations) count() (all, left int) {
	for _, to := range d.all {
		if to.rejects {
			continue
		}
		all++
		if !to.failed {
			left++
		}
	}
	return all, left
}

// only reports whether to is the only destination of events.
func (d *destinations) only(to *destination) bool {
	return !slices.ContainsFunc(d.all, func(other *destination) bool { return other != to && !other.rejects })
}

// stuck returns how many destinations are in a write that does not end, which has
// its bytes for ever.
func (d *destinations) stuck() (n int) {
	for _, to := range d.all {
		if to.writer.stuck {
			n++
		}
	}
	return n
}

// onScreen reports whether one of them may be a terminal: a device that keeps
// what it takes.
func (d *destinations) onScreen() bool {
	null, _ := os.Stat(os.DevNull)
	return slices.ContainsFunc(d.all, func(to *destination) bool {
		return to.file != nil && to.file.Mode()&os.ModeCharDevice != 0 && !os.SameFile(to.file, null)
	})
}
