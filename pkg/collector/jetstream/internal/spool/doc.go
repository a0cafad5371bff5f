// Package spool keeps the messages of package jetstream on disk until they are in the
// stream.
//
// A [Spool] is a directory that one process at a time uses. What was appended before
// [Spool.Flush] returned is delivered by this run or a later one, in order, before what
// was appended later, even if the process, the machine or the server crashes: the position
// in the spool advances only once the stream has acknowledged what is before it. A line
// that is too long for the stream is set aside in a file. Getting each line into the
// stream exactly once is up to a [Sender]; the package does not know servers. Other
// versions of the program must be able to deliver what is in the directory.
package spool
