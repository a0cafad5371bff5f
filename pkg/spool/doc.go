// Package spool keeps lines on disk for destinations that do not take them now, in a
// directory that many short-lived processes use at the same time.
//
// # What holds
//
// Each destination has a [Queue] of its own. While lines wait in it, later ones are added
// after them. Whoever comes next, with [Queue.Send] or [Queue.Drain], delivers what waits
// before anything else, in order. A destination that took a line at once does not get it
// again.
//
// When Send returns without an error, its lines are either delivered or synced to disk in
// the spool. They leave the spool only after the destination has taken them. So nothing is
// lost whenever a process is killed or the machine crashes, but lines may be delivered
// twice:
//
//   - a process that is killed between a write and the note of it in the spool, which
//     follows as soon as what was written is synced: what is written at a time, 256 KiB at
//     most, or one longer line;
//   - a crash of the machine: what was delivered shortly before it;
//   - a destination that took lines but could not say so, such as a server whose
//     acknowledgement was lost.
//
// A line that was only partly written to the spool was never promised, and is cut off. If
// the destination took only a part of a line, it gets a line feed first, and then the whole
// line again.
//
// # Processes
//
// There are two locks for each queue, and no process waits for long. One is held while the
// names and sizes of files change, for microseconds. The other is held by the process that
// delivers what waits, for as long as the destination lets it wait. Meanwhile, others add
// their lines and go on. The one that delivers takes these along, and can be sure when it
// stops that nothing was added after its last look. On systems without locks (Windows), one
// process at a time may use a directory.
//
// # Files
//
// In what follows, HASH is the first 16 hex digits of the SHA-256 sum of the name of the
// destination, and N has 8 digits:
//
//	to-HASH             the name of the destination as it is shown; locked while files change
//	to-HASH.delivering  locked by the process that delivers
//	to-HASH.N           waiting lines, about 1 MiB; later ones are in N+1
//	to-HASH.N.damaged   a file that had something else in it as well
//
// A waiting line begins with a mark, which is not part of it: + if it waits, ~ if it waits
// and a part of it was written, and - once it was delivered. So
//
//	sed -n 's/^[+~]//p' to-HASH.*
//
// prints what waits. A file whose lines are all delivered is removed. Other files in the
// directory, such as those of package jetstream, are left alone. Links and whatever else is
// not a regular file are skipped with a warning.
package spool
