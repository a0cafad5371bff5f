// Package index answers questions about a log without reading all of it.
//
// The index of a log is a file beside it, FILE.idx. It says of each [Block] of about 1 MiB
// what a question needs to know in order to pass over it: how many lines and events there
// are, from when, of which types, severities, agents and tools, and by a filter, of which
// sessions, turns and calls. It never changes an answer. A block that may hold what is asked
// for is read and checked as ever; what an index does not know is "maybe".
//
// # When an index is believed
//
// [Open] returns an index only if it is a regular file, no symbolic link, that belongs to the
// reading user or to root, and that nobody else may write to. Whoever may write as that user
// can forge one: what must hold against them has to read the log.
//
// It holds while the log has the size, the inode and the change time that it was made for.
// Making one begins only when the change time is old enough for any later change to get
// another one, see [Make], and ends by finding all three unchanged. Writes through a mapping of
// the log into memory are an exception: systems change the time later, or on tmpfs not at all,
// so an index may not notice them. Neither an inode that is
// used again nor a clock that is set back gives another log all three, unless the clock is set
// to the same nanosecond.
//
// In some cases [Index.Grown] is true, and [Index.Confirm] must compare all blocks with their
// checksums, with the cost of reading them, before any may be passed over: if the log has grown
// since; if it was written to while the index was made, or its change time is in the future; or
// if it was not on disk when the index was made, and the machine was started since. All else
// makes the index void.
//
// Checksums are GMACs under a random key, which is in the index. A log's writer who may not
// read the index cannot make other lines with the same checksum, so an index has mode 0600.
// It is of use only to its owner and to root.
//
// A [Keeper] keeps the index while lines are appended. There are no indexes on Windows, where
// programs can set the change time. An index that is open takes about 1 KiB of memory for each
// MiB of the log.
package index
