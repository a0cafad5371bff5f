// Package spool keeps the messages of package jetstream on the disk until they are in
// the stream.
//
// A [Spool] is a directory that one process at a time has. What [Spool.Flush] returned
// for is delivered by this run or a later one, in order, before what was appended after
// it, whatever happens to the process, the machine or the server: a place in the spool
// is left behind only once the stream acknowledged what is before it. A line that the
// stream does not take as it is too long is set aside in a file of its own. How lines
// are brought into the stream, each once, is up to a [Sender]; nothing here knows a
// server. What is in the directory, another version of the program must be able to
// deliver.
package spool
