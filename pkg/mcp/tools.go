package mcp

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"auditctl/pkg/events"
	"auditctl/pkg/internal/event"
)

// tools are the tools that a server offers, by what it said so far. The zero tools are
// ready to use.
type tools struct {
	known    map[string]tool
	listing  int          // the number of the list that is being read, of which pages come one by one
	next     events.Value // the cursor of its next page
	complete bool         // a list was read to its end
	partial  bool         // not all of this list was seen
}

type tool struct {
	digest  digest
	listing int // that had it last
}

// A digest is that of a definition; zero: unknown, since the list was too large.
type digest [8]byte

func shortSum(of []byte) digest {
	sum := sha256.Sum256(of)
	return digest(sum[:len(digest{})])
}

// maxTools is how many tools are remembered.
const maxTools = 16_384

// asked notes that a page of a list is asked for, and returns the number of the list: 0 if it
// is not the one that is being read, since another one was begun meanwhile.
func (t *tools) asked(cursor events.Value) (listing int) {
	cursor = cursor.NonNull()
	switch {
	case cursor == nil:
		t.listing++
		t.next, t.partial = nil, false
	case t.next == nil || identity(cursor) != identity(t.next):
		return 0
	}
	return t.listing
}

// offered records the tools on a page of a list: those that are offered for the first time,
// and what is other than it was.
func (r *Recorder) offered(at time.Time, listing int, m message) {
	t := &r.tools
	if t.known == nil {
		t.known = map[string]tool{}
	}
	var offered, added, removed, changed []string
	current := listing == t.listing
	t.partial = t.partial || m.size > 0
	names, digests := definitions(m)
	for _, name := range names {
		before, known := t.known[name]
		now := tool{digests[name], max(before.listing, listing)}
		switch {
		case !known && len(t.known) == maxTools:
			t.partial = true
			continue
		case !known && t.complete:
			added = append(added, name)
		case !known:
			offered = append(offered, name)
		case now.digest == (digest{}):
			now.digest = before.digest
		case before.digest != (digest{}) && before.digest != now.digest:
			changed = append(changed, name)
		}
		t.known[name] = now
	}
	first := !t.complete
	next := m.result.Lookup("nextCursor").NonNull()
	if current {
		t.next = event.Kept(next)
	}
	if current && next == nil && !t.partial {
		for name, of := range t.known {
			if of.listing != t.listing {
				removed = append(removed, name)
				delete(t.known, name)
			}
		}
		slices.Sort(removed)
		t.complete = true
	}
	if len(offered) > 0 || first && len(t.known) == 0 {
		r.begin("mcp.tools_offered", at, events.SeverityInfo, about{size: m.size})
		r.metaNames("tools", offered)
		r.metaDigests(offered, digests)
		r.w.Keys()
		r.finish()
	}
	if len(added)+len(removed)+len(changed) > 0 {
		r.begin("mcp.tools_changed", at, events.SeverityWarning, about{size: m.size})
		r.metaNames("added", added)
		r.metaNames("removed", removed)
		r.metaNames("changed", changed)
		r.metaDigests(append(added, changed...), digests)
		r.w.Keys()
		r.finish()
	}
}

// definitions returns the names of tools in an answer, and digests of their definitions if
// all of these were kept. Several definitions of one name have one digest.
func definitions(m message) (names []string, digests map[string]digest) {
	digests = map[string]digest{}
	for definition := range m.result.Lookup("tools").Elements() {
		name := nameOf(definition)
		var now digest
		if m.size == 0 {
			now = digestOf(definition)
		}
		if before, several := digests[name]; !several {
			names = append(names, name)
		} else if m.size == 0 {
			now = shortSum(append(before[:], now[:]...))
		}
		digests[name] = now
	}
	return names, digests
}

// nameOf returns the name of a tool.
func nameOf(definition events.Value) string {
	return shortened(string(event.TextOf(definition.Lookup("name"))))
}

// digestOf returns a digest of a definition that is the same however it is spelled.
func digestOf(definition events.Value) digest {
	var decoded any
	canonical := []byte(definition)
	if json.Unmarshal(definition, &decoded) == nil {
		if sorted, err := json.Marshal(decoded); err == nil {
			canonical = sorted
		}
	}
	return shortSum(canonical)
}

// metaNames writes names as an array, and an empty one for the tools.
func (r *Recorder) metaNames(key string, names []string) {
	if len(names) == 0 && key != "tools" {
		return
	}
	r.w.MetaKey(key)
	r.w.Dst = append(r.w.Dst, '[')
	for i, name := range names {
		if i > 0 {
			r.w.Dst = append(r.w.Dst, ", "...)
		}
		r.w.Dst = events.AppendString(r.w.Dst, name)
	}
	r.w.Dst = append(r.w.Dst, ']')
}

// metaDigests writes the digests of some tools, if they are known.
func (r *Recorder) metaDigests(names []string, digests map[string]digest) {
	if len(names) == 0 || digests[names[0]] == (digest{}) {
		return
	}
	r.w.MetaKey("digests")
	r.w.Dst = append(r.w.Dst, '{')
	for i, name := range names {
		if i > 0 {
			r.w.Dst = append(r.w.Dst, ", "...)
		}
		r.w.Dst = events.AppendString(r.w.Dst, name)
		r.w.Dst = append(r.w.Dst, ": "...)
		sum := digests[name]
		r.w.Dst = events.AppendString(r.w.Dst, hex.EncodeToString(sum[:]))
	}
	r.w.Dst = append(r.w.Dst, '}')
}
