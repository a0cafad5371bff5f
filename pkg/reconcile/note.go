package reconcile

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash/maphash"
	"math"
	"strconv"
	"time"

	"auditctl/pkg/events"
	"auditctl/pkg/sequence"
	"auditctl/pkg/turns"
)

// A note is what needs to be known of an event. Many goroutines can make notes of events
// while one compares them. It is encoded as the fields up to agent, and then those of an
// event of a call, or names.
type note struct {
	marks   marks
	kind    Kind
	tells   telling
	at      instant
	session uint64 // hashes, 0 if there is none
	agent   uint64

	// Of an event of a call.
	end      end
	took     int64 // microseconds, 0 if unknown
	texts    [callTexts][]byte
	identity []byte // id and session
	name     []byte // session, turn and tool
	content  []byte // all that says what happened

	names []byte // of the tools that an MCP server offers, each after its length

	sequence int64  // its number in the session, from telemetry
	of       []byte // the session
	number   sequence.Number
}

// An instant is a time in microseconds since 1970.
type instant int64

const unknown instant = math.MinInt64

func (t instant) known() bool { return t != unknown }

func (t instant) time() time.Time { return time.UnixMicro(int64(t)).UTC() }

// marks are properties of a note, as bits.
type marks uint8

const (
	hasSession marks = 1 << iota
	hasAgent
	isCut       // the arguments were cut
	isSequenced // it has a number in its session
	isNumbered  // it has a number of an epoch
)

func (n *note) has(m marks) bool { return n.marks&m != 0 }

// The texts of an event of a call.
const (
	idText = iota
	sessionText
	turnText
	toolText
	serverText // of the MCP server that has the tool
	argumentsText
	callTexts
)

// maxText is how many bytes a text has at most. A longer one is keptText of them and a hash.
const (
	maxText  = 1000
	keptText = 980
)

var seed = maphash.MakeSeed()

// hashOf returns a hash of a text that is not 0, unless the text is empty.
func hashOf(text []byte) uint64 {
	if len(text) == 0 {
		return 0
	}
	return max(1, maphash.Bytes(seed, text))
}

var noteKeys = []string{"event_type", "timestamp", "session_id", "agent_id", "metadata"}

// AppendNote appends a note of the event that s scanned to dst, for [Reconciler.Add]. It
// may be called concurrently, with a Scanner for each goroutine.
func AppendNote(dst []byte, s *events.Scanner) []byte {
	var v [5]events.Value
	s.LookupAll(noteKeys, v[:])
	var m metadata
	m.read(v[4])
	tells := m.telling(s, v[0])
	at := unknown
	if t, ok := v[1].Time(); ok {
		at = instant(t.UnixMicro())
	}
	start := len(dst)
	dst = append(dst, 0, byte(m.kind), byte(tells))
	dst = binary.LittleEndian.AppendUint64(dst, uint64(at))
	var marks marks
	session := v[2].NonNull()
	if text := s.Text(session); len(text) > 0 {
		marks |= hasSession
		dst = binary.LittleEndian.AppendUint64(dst, hashOf(text))
	}
	if m.kind.isTranscript() || tells.isOfCall() {
		if agent := s.Text(v[3].NonNull()); len(agent) > 0 {
			marks |= hasAgent
			dst = binary.LittleEndian.AppendUint64(dst, hashOf(agent))
		}
	}
	switch {
	case tells == offered:
		dst = appendNames(dst, m.tools)
	case tells.isOfCall():
		var cut bool
		if dst, cut = appendCall(dst, s, tells, session, &m); cut {
			marks |= isCut
		}
	}
	if n, err := strconv.ParseInt(string(m.sequence), 10, 64); err == nil && n >= 0 {
		marks |= isSequenced
		dst = appendText(binary.LittleEndian.AppendUint64(dst, uint64(n)), s.Text(session))
	}
	if n, ok := sequence.ParseNumber(m.seq, m.epoch); ok {
		marks |= isNumbered
		dst = append(binary.LittleEndian.AppendUint64(dst, uint64(n.Seq)), n.Epoch[:]...)
	}
	dst[start] = byte(marks)
	return dst
}

// appendCall appends the fields of an event of a call, and reports whether its arguments
// were cut.
func appendCall(dst []byte, s *events.Scanner, tells telling, session events.Value, m *metadata) (_ []byte, cut bool) {
	end, took := noEnd, int64(0)
	if tells == ended {
		end, took = endOf(s)
	}
	dst = append(dst, byte(end))
	dst = binary.LittleEndian.AppendUint64(dst, uint64(took))
	dst = appendText(dst, s.Text(turns.CallID(s)))
	dst = appendText(dst, s.Text(session))
	dst = appendText(dst, s.Text(s.Lookup("turn_id").NonNull()))
	dst = appendText(dst, s.Text(s.Lookup("tool_name").NonNull()))
	dst = appendText(dst, s.Text(m.server.NonNull()))
	arguments := m.arguments
	if tells == attempted {
		arguments = s.Lookup("arguments_preview")
	}
	at := len(dst)
	dst = append(dst, 0, 0)
	if text := s.Text(arguments.NonNull()); len(text) > 0 {
		dst, cut = appendArguments(dst, text)
	}
	binary.LittleEndian.PutUint16(dst[at:], uint16(len(dst)-at-2))
	return dst, cut
}

// appendText appends the length of a text, then the text.
func appendText(dst, text []byte) []byte {
	if len(text) > maxText {
		sum := sha256.Sum256(text)
		text = fmt.Appendf(nil, "%s...%x", bytes.ToValidUTF8(text[:keptText], nil), sum[:8])
	}
	return append(binary.LittleEndian.AppendUint16(dst, uint16(len(text))), text...)
}

// appendNames appends the texts in an array, after how long they are together.
func appendNames(dst []byte, array events.Value) []byte {
	at := len(dst)
	dst = append(dst, 0, 0, 0, 0)
	for name := range array.Elements() {
		dst = appendText(dst, name.AppendText(nil))
	}
	binary.LittleEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
	return dst
}

func cutText(notes []byte) (text, rest []byte) {
	end := 2 + int(binary.LittleEndian.Uint16(notes))
	return notes[2:end:end], notes[end:]
}

func cutHash(notes []byte, there bool) (hash uint64, rest []byte) {
	if !there {
		return 0, notes
	}
	return binary.LittleEndian.Uint64(notes), notes[8:]
}

// read reads the first note and returns the others.
func (n *note) read(notes []byte) (rest []byte) {
	whole := notes
	n.marks, n.kind, n.tells = marks(notes[0]), Kind(notes[1]), telling(notes[2])
	n.at = instant(binary.LittleEndian.Uint64(notes[3:]))
	n.session, notes = cutHash(notes[11:], n.has(hasSession))
	n.agent, notes = cutHash(notes, n.has(hasAgent))
	switch {
	case n.tells == offered:
		size := 4 + binary.LittleEndian.Uint32(notes)
		n.names, notes = notes[4:size], notes[size:]
	case n.tells.isOfCall():
		n.end, n.took = end(notes[0]), int64(binary.LittleEndian.Uint64(notes[1:]))
		notes = notes[9:]
		ids := notes
		for i := range n.texts {
			n.texts[i], notes = cutText(notes)
			switch at := len(ids) - len(notes); i {
			case sessionText:
				n.identity = ids[:at]
			case toolText:
				n.name = ids[2+len(n.texts[idText]) : at]
			}
		}
		n.content = whole[2 : len(whole)-len(notes)]
	}
	if n.has(isSequenced) {
		n.sequence = int64(binary.LittleEndian.Uint64(notes))
		n.of, notes = cutText(notes[8:])
	}
	if n.has(isNumbered) {
		n.number.Seq = int64(binary.LittleEndian.Uint64(notes))
		notes = notes[8+copy(n.number.Epoch[:], notes[8:]):]
	}
	return notes
}

// key returns the hash by which the call is known: of its session and id, or without an id
// of all that the event tells.
func (n *note) key() uint64 {
	if len(n.texts[idText]) == 0 {
		return hashOf(n.content)
	}
	return hashOf(n.identity)
}
