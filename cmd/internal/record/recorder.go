// Package record sends events that a command makes to its destinations, all of them or those
// of some types.
//
// A [Recorder] is for a command that goes on, [Lanes] are for one that has events once and
// no time to wait.
package record

import (
	"bytes"

	"auditctl/cmd/internal/fanout"
	"auditctl/cmd/internal/redaction"
	"auditctl/pkg/events"
	"auditctl/pkg/selection"
)

// A Recorder is a Set that gets events by routes.
type Recorder struct {
	*fanout.Set

	// Redaction takes out of events what must not be kept, after routes have chosen them,
	// and counts that; nil: all stays.
	Redaction *redaction.Redaction

	all     fanout.Group
	routed  []routedGroup
	scanner events.Scanner
}

type routedGroup struct {
	wanted selection.Predicate
	to     fanout.Group
}

// New returns a Recorder to destinations for all events and to those of routes. They are not
// open yet. An error is a [fanout.UsageError].
func New(opts fanout.Options, dests []string, routes Routes) (r *Recorder, err error) {
	r = &Recorder{Set: fanout.New(opts)}
	if r.all, err = r.Add(fanout.Role{}, dests...); err != nil {
		return nil, err
	}
	for _, route := range routes {
		to, err := r.Add(fanout.Role{}, route.Dest)
		if err != nil {
			return nil, err
		}
		r.routed = append(r.routed, routedGroup{route.Wanted(), to})
	}
	return r, nil
}

// Record sends events, each a line that ends with a line feed. See [fanout.Set.Send] for
// its errors.
func (r *Recorder) Record(lines []byte) error {
	made := lines
	if r.Redaction != nil {
		lines = r.Redaction.Lines(made)
	}
	deliveries := []fanout.Delivery{{To: r.all, Lines: lines}}
	for _, route := range r.routed {
		if chosen := wantedLines(&r.scanner, made, lines, route.wanted); len(chosen) > 0 {
			deliveries = append(deliveries, fanout.Delivery{To: route.to, Lines: chosen})
		}
	}
	err := r.Send(deliveries)
	if r.Redaction != nil {
		if counts := r.Redaction.TakeCounts(); err == nil { // else they may be sent again
			r.Redaction.Add(counts)
		}
	}
	return err
}

// wantedLines returns those of lines that became of wanted events. Of each event that was
// made there is one, and all end with a line feed.
func wantedLines(s *events.Scanner, made, lines []byte, wanted selection.Predicate) (chosen []byte) {
	for len(made) > 0 {
		err := s.ScanFirst(made)
		made = made[len(s.Line())+1:]
		end := bytes.IndexByte(lines, '\n') + 1
		if err == nil && wanted(s) {
			chosen = append(chosen, lines[:end]...)
		}
		lines = lines[end:]
	}
	return chosen
}
