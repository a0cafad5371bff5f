package fanout

import (
	"bytes"
	"cmp"
	"slices"
	"sync/atomic"

	"auditctl/cmd/internal/report"
	"auditctl/pkg/collector"
	"auditctl/pkg/sequence"
)

// Sequence says how events are numbered.
type Sequence struct {
	File    string // the destination beside which the counter is
	MaxLine int    // how long a line may be that gets a number
}

// A sequencer numbers events on their way to all destinations. It keeps the counter locked
// until the destination beside which it is has them, so that the numbers there are in
// order, whoever else writes to it.
//
// If events cannot be numbered that is reported, but nothing is lost: they are written all
// the same, without numbers. With [Options].Retry, lines that are sent again because a
// destination does not have them keep their numbers, and a counter that failed is opened
// again.
type sequencer struct {
	options *Sequence
	beside  *destination      // nil: another Set has it
	counter *sequence.Counter // nil: not opened yet, or it failed
	writer  writer            // to the counter
	failed  bool              // events got no numbers, which was reported
	within  bool              // the last lines end within a line

	became     became
	lines      []byte     // the last ones, without numbers, which are the caller's after Send
	deliveries []Delivery // the last ones
}

// openSequencer opens the counter, once the destinations are open.
func (s *Set) openSequencer() {
	q := s.sequencer
	if i := slices.IndexFunc(s.all, func(to *destination) bool { return to.path == q.options.File }); i >= 0 {
		q.beside = s.all[i]
	}
	limits := *s.limits
	limits.stall = s.options.Stall // also where destinations never stall
	q.writer.limits = &limits
	s.openCounter()
}

func (s *Set) openCounter() {
	q := s.sequencer
	var counter *sequence.Counter
	q.writer.start(nil, func() (err error) {
		counter, err = sequence.OpenCounter(q.options.File, sequence.CounterOptions{Sync: s.SyncsAlways(), MaxLine: q.options.MaxLine})
		return err
	})
	if err := q.writer.wait(); err != nil {
		s.unnumbered(err)
		return
	}
	q.counter = counter
	if q.failed {
		q.failed = false
		s.options.Reports.Printf("number %s: it works again", sequence.CounterPath(q.options.File))
	}
}

// unnumbered reports that events get no numbers.
func (s *Set) unnumbered(err error) {
	q := s.sequencer
	if q.counter != nil && !q.writer.stuck {
		q.counter.Close()
	}
	q.counter = nil
	if !q.failed {
		s.options.Reports.Errorf("%v; events get no numbers", report.Named("number", sequence.CounterPath(q.options.File), err))
	}
	q.failed = true
}

// sendNumbered numbers the events of deliveries, if that is asked for, and sends them, first
// to the destination beside which the counter is.
func (s *Set) sendNumbered(deliveries []Delivery) error {
	q := s.sequencer
	if q == nil {
		return s.sendInOrder(deliveries, nil)
	}
	numbered, locked := s.number(deliveries)
	first := s.sendTo(numbered, func(to *destination) bool { return to == q.beside })
	if locked {
		q.counter.Unlock()
	}
	err := s.sendToOthers(numbered, first)
	if locked && err == ErrMissed {
		q.became.missed = hashOf(q.lines)
	}
	return err
}

// sendToOthers sends to all but the destination beside which the counter is, which had an
// error or not.
func (s *Set) sendToOthers(numbered []Delivery, first error) error {
	q := s.sequencer
	switch {
	case first == ErrEnough:
		return first
	case first == ErrMissed && s.SyncsAlways(): // not to standard output
		return cmp.Or(s.sendTo(numbered, func(to *destination) bool { return to != q.beside && to.fd != stdout }), first)
	}
	return cmp.Or(s.sendInOrder(numbered, q.beside), first)
}

// number returns deliveries with the numbers of their events, and whether the counter is
// locked.
func (s *Set) number(deliveries []Delivery) (numbered []Delivery, locked bool) {
	q := s.sequencer
	if q.failed && s.options.Retry && !q.writer.stuck {
		s.openCounter()
	}
	all := slices.IndexFunc(deliveries, func(d Delivery) bool { return !d.To.rejects() })
	if q.counter == nil || all < 0 {
		return deliveries, false
	}
	lines := deliveries[all].Lines
	within := q.within
	if q.within = !bytes.HasSuffix(lines, []byte{'\n'}); q.within || within {
		return deliveries, false
	}
	if !s.takeNumbers(lines) {
		return deliveries, false
	}
	q.deliveries = replaceLines(q.deliveries[:0], deliveries, all, q.became.lines)
	return q.deliveries, true
}

// takeNumbers locks the counter and sets numbered. It reports whether it could.
func (s *Set) takeNumbers(lines []byte) bool {
	q := s.sequencer
	q.lines = lines
	again := q.became.begin(lines, s.GivenUp()) // then they have their numbers
	counter, numbered := q.counter, q.became.lines
	var tooLate atomic.Bool
	q.writer.start(lines, func() (err error) {
		err = counter.Lock()
		if err == nil && !again && !tooLate.Load() {
			numbered, err = counter.Append(numbered, lines)
		}
		if err != nil || tooLate.Load() {
			counter.Unlock()
		}
		return err
	})
	if err := q.writer.wait(); err != nil {
		tooLate.Store(true)
		s.unnumbered(err)
		return false
	}
	q.became.lines = numbered
	return true
}

// Number numbers the events of lines for other Sets, as Send does for this one. Nobody else
// numbers events by the counter until done is called, once the file has them.
func (s *Set) Number(lines []byte) (numbered []byte, done func()) {
	if q := s.sequencer; q.counter != nil && s.takeNumbers(lines) {
		return q.became.lines, q.counter.Unlock
	}
	return lines, func() {}
}

// pick appends the chosen ones of lines in the form that they have in numbered. They are in
// the same order, and of equal lines all or none are chosen.
func pick(dst, lines, numbered, chosen []byte) []byte {
	for len(chosen) > 0 && len(lines) > 0 {
		line, as := firstLine(lines), firstLine(numbered)
		if bytes.HasPrefix(chosen, line) {
			dst = append(dst, as...)
			chosen = chosen[len(line):]
		}
		lines, numbered = lines[len(line):], numbered[len(as):]
	}
	return append(dst, chosen...)
}

func firstLine(lines []byte) []byte { return lines[:bytes.IndexByte(lines, '\n')+1] }

// closeSequencer closes the counter.
func (s *Set) closeSequencer() {
	q := s.sequencer
	if q.counter == nil {
		return
	}
	if s.options.Files.Sync != collector.SyncNever {
		q.counter.Sync() // without it a new epoch may begin
	}
	q.counter.Close()
}
