package match

import (
	"hash/maphash"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"auditctl/cmd/internal/report"
	"auditctl/pkg/events"
	"auditctl/pkg/index"
)

// A nameWatch finds out which of the names that a flag spells out no event has, and which
// other name resembles it.
type nameWatch struct {
	flag, key string
	left      atomic.Int32 // how many names were not met
	blind     bool         // there were events whose values are not known

	// What a value must have to be a name or resemble one: how many bytes, and the first
	// or the last of them, since both are rarely mistyped. This check is coarse so that
	// most values take no time.
	shortest, longest int
	begins, ends      [256]bool

	// Values that were looked at recently, by hash.
	seen [64]atomic.Pointer[string]

	mu    sync.Mutex
	all   []string    // the names
	names []*likeness // that were not met yet
	looks int         // how many more times a value may be compared with a name
}

// maxLikenesses is how often values are compared with the names of a flag: thousands of
// both would take minutes.
const maxLikenesses = 1 << 16

var watchSeed = maphash.MakeSeed()

func newNameWatch(flag, key string) *nameWatch {
	return &nameWatch{flag: flag, key: key, shortest: 1 << 30, looks: maxLikenesses}
}

// add adds names. Types that exist are left out: that a log has no such event is not a
// mistake.
func (w *nameWatch) add(names []string) {
	for _, name := range names {
		if w.key == "event_type" && slices.Contains(events.Types(), name) || w.has(name) {
			continue
		}
		l := &likeness{typed: name}
		if w.key == "event_type" {
			for _, known := range events.Types() {
				l.consider([]byte(known))
			}
		}
		w.all, w.names = append(w.all, name), append(w.names, l)
		w.shortest = min(w.shortest, len(name)-maxSlips(len(name)))
		w.longest = max(w.longest, len(name)+maxSlips(len(name)))
		for _, of := range []func(string) string{strings.ToLower, strings.ToUpper} {
			w.begins[of(name)[0]], w.ends[of(name)[len(of(name))-1]] = true, true
		}
	}
	w.left.Store(int32(len(w.names)))
}

func (w *nameWatch) has(name string) bool {
	return slices.ContainsFunc(w.names, func(l *likeness) bool { return l.typed == name })
}

// note looks at the value in the event that s scanned.
func (w *nameWatch) note(s *events.Scanner) {
	if w.left.Load() == 0 {
		return
	}
	w.noteText(s.Text(s.Lookup(w.key).NonNull()))
}

// noteBlock looks at the values in a block that was not read.
func (w *nameWatch) noteBlock(b *index.Block) {
	if w.left.Load() == 0 {
		return
	}
	values, ok := b.Values(w.key)
	if !ok {
		w.blind = true
	}
	for _, v := range values {
		w.noteText([]byte(v.Text))
	}
}

// again returns a watch for the same names that has met none.
func (w *nameWatch) again() *nameWatch {
	fresh := newNameWatch(w.flag, w.key)
	fresh.add(w.all)
	return fresh
}

func (w *nameWatch) noteText(text []byte) {
	if len(text) < w.shortest || len(text) > w.longest || !w.begins[text[0]] && !w.ends[text[len(text)-1]] {
		return
	}
	seen := &w.seen[maphash.Bytes(watchSeed, text)%uint64(len(w.seen))]
	if name := seen.Load(); name != nil && *name == string(text) {
		return
	}
	name := string(text)
	w.look(name)
	seen.Store(&name)
}

// look looks at a value that was not looked at recently.
func (w *nameWatch) look(name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.names = slices.DeleteFunc(w.names, func(l *likeness) bool {
		if w.looks > 0 {
			w.looks--
			l.consider([]byte(name))
		}
		return l.typed == name
	})
	w.left.Store(int32(len(w.names)))
}

// end reports the names that were not met, if another one resembles them: one from the
// events only if these may be quoted.
func (w *nameWatch) end(reports *report.Reporter, quote bool) {
	for _, l := range w.names {
		like := l.best
		if !quote {
			like = ""
			if w.key == "event_type" {
				like = Similar(l.typed, events.Types())
			}
		}
		if like != "" {
			reports.Printf("--%s: no event had the %s %q: did you mean %s?", w.flag, nameKinds[w.key], l.typed, report.Readable(like))
		}
	}
}

// nameKinds are what messages call the values of keys.
var nameKinds = map[string]string{
	"event_type": "type", "agent_id": "agent", "session_id": "session", "turn_id": "turn", "tool_name": "tool",
}
