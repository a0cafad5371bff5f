package fanout

import (
	"cmp"
	"errors"
	"os"
	"slices"
	"syscall"

	"auditctl/cmd/internal/report"
)

// A Delivery is lines for destinations.
type Delivery struct {
	To    Group
	Lines []byte
}

// Send writes lines to their destinations, none of which may be in two deliveries. All
// write in parallel. Under SyncAlways standard output gets lines last, so that they are
// safe in all files that are left.
//
// A destination that fails is reported and dropped. The error is [ErrEnough] if that
// ends the command. With [Options].Retry it is not dropped, and the error may be
// [ErrMissed]. The lines are the caller's again, unless a write was given up; see
// [Set.GivenUp].
//
// With [Options].Nonces and Sequence, events get nonces and then numbers, in all deliveries
// that are not for invalid lines: the first of these has all events, and the others have
// some of them, in order.
func (s *Set) Send(deliveries []Delivery) error {
	if s.noncer != nil {
		return s.sendWithNonces(deliveries)
	}
	return s.sendNumbered(deliveries)
}

// sendInOrder sends to all destinations but one.
func (s *Set) sendInOrder(deliveries []Delivery, but *destination) error {
	if !s.SyncsAlways() {
		return s.sendTo(deliveries, func(to *destination) bool { return to != but })
	}
	if err := s.sendTo(deliveries, func(to *destination) bool { return to != but && to.fd != stdout }); err != nil {
		return err
	}
	return s.sendTo(deliveries, func(to *destination) bool { return to != but && to.fd == stdout })
}

// sendTo sends to the chosen destinations. If the set has several, or its only one has a
// scheme or may stall, all writes are begun before any is waited for, so that they run in
// parallel and one that does not end can be given up.
func (s *Set) sendTo(deliveries []Delivery, chosen func(*destination) bool) error {
	alone := len(s.all) == 1 && s.options.Stall == 0 && s.all[0].remote == nil
	for _, d := range deliveries {
		for _, to := range d.To {
			switch {
			case to.state == failed || !chosen(to):
			case alone:
				return s.check(to, to.writer.write(d.Lines))
			default:
				s.begin(to, d.Lines)
			}
		}
	}
	var missed error
	for _, d := range deliveries {
		for _, to := range d.To {
			if to.state == failed || !chosen(to) {
				continue
			}
			if to.writer.idle() {
				missed = ErrMissed
				continue
			}
			before := to.state
			if err := s.check(to, to.writer.wait()); err != nil {
				return err
			}
			if to.state == down || to.state == failed && before != taking {
				missed = ErrMissed
			}
		}
	}
	return cmp.Or(missed, s.missed)
}

// BeginLine sends the first piece of a line that comes in pieces. Each file stays locked
// until the end of the line, so they are written one by one in the order of their names:
// two commands with the same files cannot deadlock.
func (s *Set) BeginLine(piece []byte, to ...Group) error {
	takers := slices.Concat(to...)
	slices.SortStableFunc(takers, func(a, b *destination) int { return cmp.Compare(a.order(), b.order()) })
	if s.sequencer != nil {
		s.sequencer.within = true
	}
	if s.noncer != nil {
		s.noncer.within = true
	}
	var missed error
	for _, taker := range takers {
		switch err := s.Send([]Delivery{{Group{taker}, piece}}); {
		case err == ErrMissed:
			missed = err
		case err != nil:
			return err
		}
	}
	return missed
}

// From says where the lines that follow come from, to destinations that need it to skip
// what an earlier run wrote.
func (s *Set) From(in Input) {
	if in == s.source {
		return
	}
	s.source = in
	for _, to := range s.all {
		if to.remote == nil || to.state == failed || to.role.Share == "" {
			continue
		}
		origin := in.Origin()
		switch {
		case origin == "":
		case s.sequencer != nil:
			s.notRecognized(to, "--sequence", "numbers")
			origin = ""
		case s.noncer != nil:
			s.notRecognized(to, "--nonce", "nonces")
			origin = ""
		default:
			origin = to.role.Share + " of " + origin
		}
		to.writer.from(origin)
	}
}

// notRecognized says once that a stream that skips the lines it has will not know them,
// since a flag gives them other values when a file is sent again.
func (s *Set) notRecognized(to *destination, flag, values string) {
	if _, skips := to.writer.sink.(interface{ From(origin string) }); skips && !s.warned {
		s.warned = true
		s.options.Reports.Printf("%s: with %s, lines of a file that is sent again are not recognized, since they get other %s", to.name, flag, values)
	}
}

// check drops a destination that had an error, which may end the command, unless it is
// tried again.
func (s *Set) check(to *destination, err error) error {
	if err == nil || s.triesAgain(to, err) {
		s.again(to, err)
		return nil
	}
	before := to.state
	to.state = failed
	if s.options.Retry && s.ctx.Err() != nil {
		s.missed = ErrMissed
	}
	if to.fd == stdout && !to.rejects && errors.Is(err, syscall.EPIPE) && s.only(to) {
		return ErrEnough // the reader has enough
	}
	if before != down {
		s.options.Reports.Errorf("%v", report.Named("write", to.name, err))
	}
	if s.options.StopOnError {
		return ErrEnough
	}
	s.rejectsLost = s.rejectsLost || to.rejects
	if to.rejects || s.enough() {
		return nil
	}
	s.tooFew()
	return ErrEnough
}

// enough reports whether the required number of destinations for events is left, or
// there never were any.
func (s *Set) enough() bool {
	all, left := s.count()
	required := s.options.Require
	if required == RequireAll {
		required = all
	}
	return all == 0 || left >= required
}

// tooFew reports that not enough are left, unless none is.
func (s *Set) tooFew() {
	if all, left := s.count(); left > 0 {
		s.options.Reports.Errorf("%d of %d destinations left: that is not enough", left, all)
	}
}

// count returns how many destinations for events there are, and how many are left.
func (s *Set) count() (all, left int) {
	for _, to := range s.all {
		if to.rejects {
			continue
		}
		all++
		if to.state != failed {
			left++
		}
	}
	return all, left
}

// only reports whether to is the only destination of events.
func (s *Set) only(to *destination) bool {
	return !slices.ContainsFunc(s.all, func(other *destination) bool { return other != to && !other.rejects })
}

// Empty reports whether there are no destinations for events.
func (s *Set) Empty() bool {
	all, _ := s.count()
	return all == 0
}

// Left returns how many destinations for events have not failed.
func (s *Set) Left() (n int) {
	_, n = s.count()
	return n
}

// RejectsLost reports whether the destination for invalid lines failed.
func (s *Set) RejectsLost() bool { return s.rejectsLost }

// GivenUp returns how many writes were given up, which may still use their bytes.
func (s *Set) GivenUp() (n int) {
	for _, to := range s.all {
		n += to.writer.givenUp
	}
	if s.sequencer != nil {
		n += s.sequencer.writer.givenUp
	}
	return n
}

// OnScreen reports whether a destination may be a terminal: any character device but
// the null device.
func (s *Set) OnScreen() bool {
	null, _ := os.Stat(os.DevNull)
	return slices.ContainsFunc(s.all, func(to *destination) bool {
		return to.file != nil && to.file.Mode()&os.ModeCharDevice != 0 && !os.SameFile(to.file, null)
	})
}
