// Package message turns lines into the messages that package jetstream sends.
//
// A [Message] has the line as its payload, a subject of the event's session and type,
// and an id by which the same line from the same place is known in whatever run. A
// [Labeller] makes them. Subjects, ids and marks are what is stored in streams: lines
// sent by an earlier version are known again only as long as they stay as they are.
// Nothing here sends, or knows a server.
package message
