// Package reconcile compares records of the same work and finds what one of them has and
// another lacks: an agent's calls of tools as its hooks, an MCP proxy, its telemetry and its
// transcript tell of them.
//
// A [Reconciler] gets the events of two or more records, in any order between the records,
// and gives a [Report].
//
// # Kinds
//
// What a record could have seen depends on its kind, which its events say as dialect of the
// source in their metadata; a record may be of several. See [Kind].
//
//   - Hooks see the calls of all sessions while the record lasts, and their ends. They do not
//     see calls that fail validation, tools of the provider (whose ids begin with srvtoolu_),
//     or the end of a call that was denied or interrupted.
//   - MCP sees the tools of its servers: those that mcp.tools_offered names and those that
//     were called. A call of another record is of such a tool if its name is
//     mcp__SERVER__TOOL, or its metadata has the server; and if that is what the client calls
//     one of the servers, once joined calls have shown how it calls any.
//   - OpenTelemetry sees calls that ended. Many programs tell only the end.
//   - A transcript sees the calls of the sessions and subagents that it has.
//   - Any other log sees every call while it lasts.
//
// # Joining
//
// Within a record, events are of one call if session and call id are equal; without an id,
// an end is that of the oldest open attempt of its tool, turn and session, so that what is
// missing may show at a call next to it. A call that is told twice is one. Calls of
// different records are the same
//
//  1. if session and call id are equal, or without an id everything that is told, to the
//     microsecond;
//  2. else, if the call id is equal and only one call of each record has it, whatever the
//     session;
//  3. else, if they have the same arguments within [Tolerance], or one of them has none and
//     the names of their tools are equal. Of several that are possible, the nearest ones are
//     joined. Calls with different ids are not joined so where the records have ids in
//     common, nor are calls of different sessions that a record knows both.
//
// Of arguments, the command is compared if there is one, else their JSON; where a preview
// may be cut, at least [MinPrefix] bytes and all that both have. Times are compared after
// the difference of the clocks, which is the median of those of calls joined by their ids.
//
// # Missing
//
// A call, its attempt or its end is missing in a record that could have seen it if its time
// is not before the first or after the last event of the record, or of its session in a
// transcript. A record without times has no first and last event. A call that was denied,
// refused or interrupted before it ran is never missing.
//
// # Numbers
//
// Telemetry of Claude Code numbers the events of a session as event.sequence, and package
// sequence those of an epoch. A Report names those that are missing or there twice.
//
// # Bounds
//
// Calls that were joined and ended leave memory. [MaxWaiting] calls may wait for another
// record to tell of them; when there are more, the earliest are taken to be missing. So the
// order of the records does not matter as long as they have fewer calls, and else they need
// to be read in about the same order, see [Reconciler.Next]. A call that is told again is
// known to be one of the last [MaxSettled] that left memory. A Report lists up to
// [MaxFindings] of each kind and counts all.
package reconcile

import "time"

// See the package doc.
const (
	Tolerance   = 5 * time.Second
	MinPrefix   = 24
	MaxWaiting  = 1 << 17
	MaxSettled  = 1 << 19
	MaxFindings = 10_000
)
