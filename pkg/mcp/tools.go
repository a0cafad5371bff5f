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
	listing  int  // the number of the list that is being read, of which pages come one by one
	complete bool // a list was read to its end
	partial  bool // not all of this list was seen
}

type tool struct {
	digest  [8]byte // zero: unknown, since the list was too large
	listing int     // that had it last
}

// maxTools is how many tools are remembered.
const maxTools = 16_384

// asked notes that a page of the list is asked for.
func (t *tools) asked(cursor events.Value) {
	if cursor.NonNull() == nil {
		t.listing++
		t.partial = false
	}
}

// offered records the tools on a page of the list: those that are offered for the first
// time, and what is other than it was.
func (r *Recorder) offered(at time.Time, m message) {
	t := &r.tools
	if t.known == nil {
		t.known = map[string]tool{}
	}
	var offered, added, removed, changed []string
	digests := map[string]string{}
	t.partial = t.partial || m.size > 0
	for definition := range m.result.Lookup("tools").Elements() {
		name := nameOf(definition)
		now := tool{listing: t.listing}
		if m.size == 0 {
			now.digest = digestOf(definition)
			digests[name] = hex.EncodeToString(now.digest[:])
		}
		before, known := t.known[name]
		switch {
		case !known && len(t.known) == maxTools:
			t.partial = true
			continue
		case !known && t.complete:
			added = append(added, name)
		case !known:
			offered = append(offered, name)
		case now.digest == [8]byte{}:
			now.digest = before.digest
		case before.digest != [8]byte{} && before.digest != now.digest:
			changed = append(changed, name)
		}
		t.known[name] = now
	}
	first := !t.complete
	if last := m.result.Lookup("nextCursor").NonNull() == nil; last && !t.partial {
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

// nameOf returns the name of a tool.
func nameOf(definition events.Value) string {
	return shortened(string(event.TextOf(definition.Lookup("name"))))
}

// digestOf returns a digest of a definition that is the same however it is spelled.
func digestOf(definition events.Value) (digest [8]byte) {
	var decoded any
	canonical := []byte(definition)
	if json.Unmarshal(definition, &decoded) == nil {
		if sorted, err := json.Marshal(decoded); err == nil {
			canonical = sorted
		}
	}
	sum := sha256.Sum256(canonical)
	copy(digest[:], sum[:])
	return digest
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
func (r *Recorder) metaDigests(names []string, digests map[string]string) {
	if len(digests) == 0 || len(names) == 0 {
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
		r.w.Dst = events.AppendString(r.w.Dst, digests[name])
	}
	r.w.Dst = append(r.w.Dst, '}')
}
