package reconcile

import (
	"slices"

	"auditctl/pkg/sequence"
	"auditctl/pkg/turns"
)

// A record is one of those that are compared.
type record struct {
	name    string
	number  int
	sources []*source
	missed  []instant // when there were calls that are missing in it, by its clock
	active  activity
	last    instant // of the last event with a time

	sequences sequence.Tracker // of telemetry, by session
	numbers   sequence.Tracker // by epoch

	calls, missing int64
	notCompared    [cannotSee]int64
}

// source returns the record's source of a kind, of which it may be the first event.
func (r *record) source(of Kind) *source {
	for _, src := range r.sources {
		if src.kind == of {
			return src
		}
	}
	src := &source{record: r, kind: of, number: r.number*len(kindNames) + int(of), span: nowhere, sessions: map[uint64]*span{}}
	r.sources = append(r.sources, src)
	return src
}

// A source is the events of a record that are of one kind.
type source struct {
	record *record
	kind   Kind
	number int // among those that all records may have

	events         int64
	attempts, ends int64
	span           span
	sessions       map[uint64]*span // by their hashes
	session        *span            // of the last event
	sessionHash    uint64
	crowded        bool                // there are sessions that are not known
	others         map[uint64]struct{} // sessions of other records in which it has calls
	agents         map[agentKey]struct{}
	tools          map[string]struct{} // of MCP, by their plain names
	servers        map[string]struct{} // as clients call them

	ahead   instant   // how much its clock is ahead of the common one
	samples []instant // of that
	related []bool    // the sources with which it has ids in common, by number

	open turns.OpenCalls[ref] // without ids
}

type agentKey struct{ session, agent uint64 }

// Bounds of what is known of a source.
const (
	maxSessions = 1 << 16
	maxAgents   = 1 << 16
	maxTools    = 10_000
	maxSamples  = 1001
)

// A span is from the first time to the last.
type span struct{ first, last instant }

var nowhere = span{unknown, unknown}

func (s *span) add(t instant) {
	switch {
	case !t.known():
	case !s.first.known():
		s.first, s.last = t, t
	default:
		s.first, s.last = min(s.first, t), max(s.last, t)
	}
}

// isCommon reports whether the clock of the source is the common one.
func (src *source) isCommon() bool { return src.record.number == 0 && src == src.record.sources[0] }

// see notes an event.
func (src *source) see(n *note) {
	src.events++
	if n.has(isSequenced) {
		src.record.sequences.Add(n.of, n.sequence)
	}
	if n.has(isNumbered) {
		src.record.numbers.Add(n.number.Epoch[:], n.number.Seq)
	}
	src.span.add(n.at)
	if n.at.known() {
		src.record.last = n.at
		src.record.active.add(n.at)
	}
	if n.session != 0 {
		if n.session != src.sessionHash {
			src.sessionHash, src.session = n.session, src.sessions[n.session]
			if src.session == nil {
				src.session = &span{unknown, unknown}
				if src.crowded = len(src.sessions) == maxSessions; !src.crowded {
					src.sessions[n.session] = src.session
				}
			}
		}
		src.session.add(n.at)
	}
	if n.agent != 0 && src.kind.isTranscript() && len(src.agents) < maxAgents {
		if src.agents == nil {
			src.agents = map[agentKey]struct{}{}
		}
		src.agents[agentKey{n.session, n.agent}] = struct{}{}
	}
	for names := n.names; n.tells == offered && len(names) > 0; {
		var tool []byte
		tool, names = cutText(names)
		src.hasTool(string(tool))
	}
}

// hasTool notes a tool of an MCP server.
func (src *source) hasTool(name string) {
	if src.tools == nil {
		src.tools = map[string]struct{}{}
	}
	if len(src.tools) < maxTools {
		src.tools[name] = struct{}{}
	}
}

// hasServer notes how a client calls one of the source's servers.
func (src *source) hasServer(name string) {
	if src.servers == nil {
		src.servers = map[string]struct{}{}
	}
	if len(src.servers) < maxTools {
		src.servers[name] = struct{}{}
	}
}

// knows reports whether the source has a session. If there are too many to know, it may.
func (src *source) knows(session uint64) bool {
	return session == 0 || src.crowded || src.sessions[session] != nil
}

// hasCallOf notes that a call is also of a session of another record, and so the source does
// not lack all of that.
func (src *source) hasCallOf(session uint64) {
	if src.others == nil {
		src.others = map[uint64]struct{}{}
	}
	if len(src.others) < maxSessions {
		src.others[session] = struct{}{}
	}
}

// settleClock sets how much the source's clock is ahead, from what is known so far.
func (src *source) settleClock() {
	if n := len(src.samples); n > 0 {
		sorted := slices.Clone(src.samples)
		slices.Sort(sorted)
		src.ahead = sorted[n/2]
	}
}
