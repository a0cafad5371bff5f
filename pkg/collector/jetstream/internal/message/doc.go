// Package message turns lines into the messages that package jetstream sends.
//
// A [Message] has the line as its payload, a subject with the event's session and type,
// and an id by which the same line of the same origin is recognized in any run. A
// [Labeller] makes them. Subjects, ids and marks are stored in streams, so they must not
// change: otherwise lines that an earlier version has sent are not recognized. The package
// sends nothing and does not know servers.
package message
