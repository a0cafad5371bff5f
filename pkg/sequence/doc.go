// Package sequence numbers events, so that one that is missing leaves a gap.
//
// An event has its number as seq in its metadata, and as seq_epoch the [Epoch] that it is
// of: a count that began at 1. Numbers are given out by a [Counter], which is a file beside
// a log that any number of processes share, and set by a [Numberer], which changes nothing
// else of a line. A [Tracker] finds what is missing and what is there twice.
//
// A number proves nothing to those who can change the log: they can number its lines again.
// It shows what was lost by mistake, with a recorder that was killed, or with the end of a
// file. Package seal is for the rest.
package sequence
