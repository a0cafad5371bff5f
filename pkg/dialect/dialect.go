// Package dialect reads other programs' logs as events: transcripts of coding agents,
// OpenTelemetry exports, audit logs of servers and clouds.
//
// A [Dialect] is another program's way to write a log. Its [Decoder] makes events of the
// records of one log, in the order of the log: one record may be several events, and what
// it means may depend on records before it.
//
// # What a decoder makes
//
// An event that was decoded is what the reference writer would have written for what
// happened, of one of its types where one fits, with that type's severity unless the
// record's own is worse. Its metadata has what has no key of its own, under these names:
//
//   - call_id, the id that the attempt of a tool call and its end have in common, and
//     parent_call_id, that of the call whose agent made this one
//   - cwd, model
//   - input_tokens (without those from a cache), output_tokens, cache_read_tokens and
//     cache_write_tokens: what this event adds
//   - decision and decided_by: whether a call was allowed, and by whom
//   - guess: true, where call_id was found by other means than the record's own word, and
//     other calls are possible
//   - copied: true, where the record is a copy of an earlier one; what it tells happened
//     only once
//   - source: {"dialect": "codex", "line": 7}, the record
//
// Nothing is made up: a time, an id or a status that the record lacks is absent, or null.
// Nothing is dropped: a record that is no call, turn, message, decision or error becomes
// an event of the type DIALECT.TYPE with severity debug. Texts are cut to previews of
// [PreviewLength] characters.
//
// # Bounds
//
// A decoder's memory does not grow with its log: it remembers at most [MaxCalls] open
// calls, and as many of any other kind of thing, and then forgets the oldest.
package dialect

import (
	"time"

	"auditctl/pkg/events"
)

// Bounds, see the package doc.
const (
	MaxCalls      = 65_536
	PreviewLength = 200 // characters
)

// A Dialect is another program's way to write a log.
type Dialect struct {
	Name  string // which --from takes, such as claude-code
	Title string // what such a log is called in a sentence, such as Claude Code's transcript
	Where string // where such logs are, such as ~/.claude/projects/*/*.jsonl
	Known string // how they are recognized, as a sentence without its period
	Maps  []Mapping

	// Knows reports whether the record that s scanned is certainly of this dialect. A
	// wrong yes is worse than a no: records that tell nothing are skipped, and the next
	// one is asked. nil: the dialect is read only by its name. It may be called
	// concurrently.
	Knows func(s *events.Scanner) bool

	// Tagged says that records have an event_type that is not the one of events. In all
	// other dialects a record with an event_type is an event, and no decoder sees it.
	Tagged bool

	// Begin begins to read one or more logs and returns a function that makes the
	// Decoder of each. The Decoders may share what they remember, such as records that
	// were copied from log to log, so only one of them may be in use at a time.
	Begin func() (newDecoder func() Decoder)
}

// A Mapping tells what becomes of something.
type Mapping struct {
	From string // in the log
	To   string // in events
}

// A Decoder makes events of the records of one log. It is not safe for concurrent use. If
// it has a method Untimed() int64, that returns how many events it made so far without a
// timestamp because it could not read that of the record.
type Decoder interface {
	// Decode appends the events that a record means to dst, one or more lines, each with
	// its line feed. They share no memory with the record.
	//
	// The error is a [*events.SyntaxError] if the record is none of this dialect, or one
	// that cannot be right: with the column in the record from 1, in bytes. Then nothing
	// was appended, and the next record may be decoded.
	Decode(dst []byte, r Record) ([]byte, error)
}

type untimer interface{ Untimed() int64 }

// A Record is one JSON object of a log.
type Record struct {
	// Scanner has scanned the object, which may be spread over several lines. From a [Reader]
	// it has no key twice, of which the last counts, and no character of ASCII that is escaped
	// without need, so that its bytes can be compared.
	*events.Scanner

	// Line is the number of the line that the record begins on, from 1; 0 if it is in no log,
	// see [Decode].
	Line int64

	// Arrived is when a record came that is in no log, zero for others. Events have this time
	// if the record tells none.
	Arrived time.Time
}

// Unknown is the error of a record that is none of the dialect: one without its type, for
// example. A log with many of them is of another dialect.
func Unknown(reason string) error { return &unknown{events.SyntaxError{Column: 1, Reason: reason}} }

type unknown struct{ syntax events.SyntaxError }

func (u *unknown) Error() string { return u.syntax.Error() }
func (u *unknown) Unwrap() error { return &u.syntax }

// IsUnknown reports whether err says that a record is none of the dialect.
func IsUnknown(err error) bool {
	_, ok := err.(*unknown)
	return ok
}
