// Package table decodes flat logs, in which a record is an event, by tables that say where
// the keys of events are. [ParseKeys] documents their language.
package table

import (
	"embed"
	"strings"
	"sync"

	"auditctl/pkg/dialect"
	"auditctl/pkg/events"
)

//go:embed tables/*.keys
var files embed.FS

// Dialects returns the dialects that are tables, in the order of their names.
var Dialects = sync.OnceValue(func() (all []*dialect.Dialect) {
	files, _ := files.ReadDir("tables") // the error of an embedded directory is nil
	for _, file := range files {
		name := strings.TrimSuffix(file.Name(), ".keys")
		all = append(all, embedded(name).dialect(name))
	}
	return all
})

// embedded returns the table of a dialect.
func embedded(name string) *table {
	file := name + ".keys"
	text, err := files.ReadFile("tables/" + file)
	if err != nil {
		panic(err)
	}
	t := &table{}
	if err := t.parse(file, string(text)); err != nil {
		panic(err)
	}
	return t
}

// ParseKeys returns the dialect json with the keys that a text sets, and with its own
// for all others. The text tells, for keys of events, where in a record their values
// are:
//
//	# A log of our own.
//	type      = .rule
//	timestamp = .time // .ts
//	severity  = .priority {1: critical, 2..3: error, P?: warning}
//	agent_id  = .user.name + "@" + .host
//	tool_name = .output_fields."proc.name"
//	call_id   = .ids[0]
//	metadata.region = .cloud.region
//
// Keys are separated by new lines or commas, so the same is a short text for a flag, as
// type=.rule,timestamp=.time. # begins a comment.
//
// Left of = is type, timestamp, severity, agent_id, session_id, turn_id; one of the
// keys that decoders have in metadata, such as call_id or model, see the package doc;
// metadata.NAME; or any other key, which is written after the envelope. A key with other
// characters than letters, digits, _, - and @ is a JSON string.
//
// Right of it is:
//
//   - a path: .key, ."any key", .key[0] for an element of an array, .* for the first
//     value that has what follows. null, "", [] and {} are no values.
//   - terms joined by +: paths of strings, numbers or booleans, and texts in quotes.
//     There is no value without the first path. If another has none it is left out,
//     with the text before it.
//   - alternatives separated by //, of which the first that has a value counts; for a
//     timestamp or severity, the first that can be read as one.
//   - after each alternative, what becomes of some values, in {}: VALUE: TEXT, where
//     VALUE is a glob, a range of numbers as 400..499, 500.. or ..9, or a text in quotes.
//     The first that matches counts. Values that none matches stay as they are. "" makes
//     a value absent.
//   - for the type, records: the keys in capitals whose values are objects or arrays,
//     which laurel names records by, with blanks between them.
//
// A timestamp is read as [events.ParseTimestamp] does, which tells the unit of a number
// by its size; so is auditd's 1615114232.375:15558. A severity is read as people write
// them: warn, ERR, Notice, fatal. A type is cut to 120 characters.
//
// All other keys of a record become keys of the event, in their order. One that has the
// name of a key of the event goes into metadata, and so do the members of a metadata of
// the record's own, under their names, or in metadata.original if such a name is taken. A
// key whose value is the whole value of a key of the event is left out.
//
// An event of one of auditctl's own types has all keys of that type; a tool_call_complete
// without a status has "ended". If the record has a key of that name with another kind of
// value, the type is written as json.TYPE.
//
// Before the keys there may be lines that tell about the log:
//
//	title: Falco's events
//	where: /var/log/falco.json
//	known: .rule, .priority = Error|Warning
//	within: .log // .message
//
// A record is known by values that must be there, or match one of some globs, ranges or
// texts. within names keys in which other programs put such a record, as an object or a
// string; what is around it becomes metadata.wrapper.
//
// name is that of the text, for errors, which are a [*KeysError].
func ParseKeys(name, text string) (*dialect.Dialect, error) {
	const base = "json"
	t := embedded(base)
	if err := t.parse(name, text); err != nil {
		return nil, err
	}
	return t.dialect(base), nil
}

// dialect returns the dialect that a table describes.
func (t *table) dialect(name string) *dialect.Dialect {
	d := &dialect.Dialect{
		Name:   name,
		Title:  t.title,
		Where:  t.where,
		Known:  "by its name only",
		Maps:   t.maps,
		Tagged: t.isTagged(),
		Begin:  func() func() dialect.Decoder { return func() dialect.Decoder { return newTableDecoder(name, t) } },
	}
	if t.known != nil {
		d.Known = "a record with " + t.knownText
		d.Knows = func(s *events.Scanner) bool {
			var u unwrapper
			found, _ := u.find(t, s)
			return u.fits(t, found)
		}
	}
	return d
}
