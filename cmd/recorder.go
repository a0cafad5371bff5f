package cmd

import (
	"slices"

	"auditctl/cmd/internal/fanout"
	"auditctl/pkg/events"
	"auditctl/pkg/selection"
)

// A recorder sends events that a command makes to its destinations, and by --route.
type recorder struct {
	*fanout.Set
	all     fanout.Group
	routed  []routedGroup
	scanner events.Scanner
}

type routedGroup struct {
	wanted selection.Predicate
	to     fanout.Group
}

// newRecorder returns a recorder to dests and those of --route, which are not open yet.
func (o *recordOptions) newRecorder(opts fanout.Options, dests []string) (*recorder, error) {
	routes, err := parseRoutes(o.routes, dests)
	if err != nil {
		return nil, err
	}
	if err := o.apply(&opts, slices.Concat(dests, routes.dests())); err != nil {
		return nil, err
	}
	r := &recorder{Set: fanout.New(opts)}
	if r.all, err = r.Add(fanout.Role{}, dests...); err != nil {
		return nil, err
	}
	for _, route := range routes {
		to, err := r.Add(fanout.Role{}, route.dest)
		if err != nil {
			return nil, err
		}
		r.routed = append(r.routed, routedGroup{route.wanted(), to})
	}
	return r, nil
}

// record sends events, each a line that ends with a line feed. See [fanout.Set.Send] for
// its errors.
func (r *recorder) record(lines []byte) error {
	deliveries := []fanout.Delivery{{To: r.all, Lines: lines}}
	for _, route := range r.routed {
		if chosen := wantedLines(&r.scanner, lines, route.wanted); len(chosen) > 0 {
			deliveries = append(deliveries, fanout.Delivery{To: route.to, Lines: chosen})
		}
	}
	return r.Send(deliveries)
}

// wantedLines returns the lines of wanted events, each of which ends with a line feed.
func wantedLines(s *events.Scanner, lines []byte, wanted selection.Predicate) (chosen []byte) {
	for len(lines) > 0 {
		err := s.ScanFirst(lines)
		line := lines[:len(s.Line())+1]
		lines = lines[len(line):]
		if err == nil && wanted(s) {
			chosen = append(chosen, line...)
		}
	}
	return chosen
}
