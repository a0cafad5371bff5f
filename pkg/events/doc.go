// Package events says what an audit event is, reads events from logs and makes
// new ones.
//
// A log is a sequence of lines, each ended by a line feed; the last may lack
// it. A line is an event if it is one JSON object (RFC 8259, valid UTF-8) with
// a top-level string event_type. A UTF-8 byte order mark before the object does not
// count. A line that holds nothing but JSON white space and byte order marks is
// blank; any other line is invalid. If a key appears twice in one object the last
// one counts, and a key counts however it is spelled: "event\u005ftype" is
// event_type.
//
// An event read from a log is its line: [Event] holds the bytes, finds values
// in them when asked, and never changes them. An event that this package makes
// is encoded once, by [New] or [Complete], and is its line from then on. Lines
// made here are byte for byte what the reference writer, calute's
// JSONLSinkCollector, writes for the same event: Python's json.dumps with its
// defaults.
//
// To read a log, range over [Reader.Events]. Programs that route whole blocks
// of lines use [Reader.ReadBlock] and a [Scanner].
package events
