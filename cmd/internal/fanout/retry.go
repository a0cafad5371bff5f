package fanout

import (
	"errors"
	"syscall"
	"time"

	"auditctl/cmd/internal/report"
)

// retryStall is how long a destination that is tried again may take nothing, by default.
const retryStall = 5 * time.Second

// ErrMissed is the error of Send with [Options].Retry if a destination does not have all
// of the lines. It ends nothing. If the lines are sent again, destinations that have them
// get them twice.
var ErrMissed = errors.New("a destination does not have the lines")

// triesAgain reports whether a destination that had an error will be tried again, until
// the command is interrupted. An open descriptor that nobody reads any more will never have
// a reader again, and a text in another format than lines cannot be continued.
func (s *Set) triesAgain(to *destination, err error) bool {
	lost := !to.byPath() && to.remote == nil && errors.Is(err, syscall.EPIPE)
	return s.options.Retry && !s.options.StopOnError && !lost && !to.role.Text && s.ctx.Err() == nil
}

// begin begins to write lines to a destination. It does not if that is still busy with
// lines that were given up, or has not got the beginning of the line.
func (s *Set) begin(to *destination, lines []byte) {
	within := to.writer.within
	switch free := to.writer.free(); {
	case to.state == taking:
		to.writer.begin(lines)
	case !free || within:
		to.writer.skip(lines)
	case to.writer.broken || to.writer.sink == nil:
		to.writer.beginAgain(lines, func() opening { return s.openAgain(to) })
	default:
		to.writer.begin(lines)
	}
}

// openAgain opens a destination that failed, and delivers what waits for it.
func (s *Set) openAgain(to *destination) opening {
	o := s.reopening(to)
	if o.err == nil {
		if o.err = s.deliverWaitingTo(to, o.sink); o.err != nil {
			o.close()
			o.sink = nil
		}
	}
	return o
}

func (s *Set) reopening(to *destination) opening {
	switch {
	case to.out != nil:
		return borrow(to.out, to.turn, to.role, s.limits, &to.writer.progress)
	case to.remote != nil:
		sink, err := to.remote(s.ctx)
		return opening{sink: sink, err: err}
	}
	files := s.options.Files
	files.Truncate = files.Truncate && !to.opened
	return openPath(to.path, to.turn, to.role, files, s.limits, &to.writer.progress)
}

// again notes that a destination had an error and will be tried again, or works again if
// err is nil. It says so once.
func (s *Set) again(to *destination, err error) {
	switch {
	case err != nil && to.state != down:
		s.options.Reports.Errorf("%v; it is tried again", report.Named("write", to.name, err))
	case err == nil && to.state == down:
		s.options.Reports.Printf("write %s: it works again", to.name)
	}
	if to.state = taking; err != nil {
		to.state = down
	}
	to.opened = to.opened || err == nil
}

// Taking returns how many destinations for events had the last lines that were sent to
// them.
func (s *Set) Taking() (n int) {
	for _, to := range s.all {
		if !to.rejects && to.state == taking {
			n++
		}
	}
	return n
}
