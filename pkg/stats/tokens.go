package stats

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"
	"strconv"

	"auditctl/pkg/events"
	"auditctl/pkg/sequence"
)

// Tokens are numbers of tokens of language models.
type Tokens struct {
	Input      int64 `json:"input_tokens"` // without those from a cache
	Output     int64 `json:"output_tokens"`
	CacheRead  int64 `json:"cache_read_tokens"`
	CacheWrite int64 `json:"cache_write_tokens"`
}

// MaxTokens is the largest number of tokens of one event; a larger one is not counted.
// Sums do not grow beyond math.MaxInt64.
const MaxTokens = 1<<53 - 1

// Total returns the sum of all.
func (t Tokens) Total() int64 {
	return sum(sum(t.Input, t.Output), sum(t.CacheRead, t.CacheWrite))
}

// all returns the numbers, in the order of tokenKeys.
func (t *Tokens) all() [4]*int64 {
	return [...]*int64{&t.Input, &t.Output, &t.CacheRead, &t.CacheWrite}
}

func (t *Tokens) add(more Tokens) {
	for i, n := range more.all() {
		to := t.all()[i]
		*to = sum(*to, *n)
	}
}

// sum adds what is not negative.
func sum(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}

// usageKeys are the keys of tokens, and of the model that used them, at the top level or
// else in metadata.
var (
	usageKeys = []string{"input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "model"}
	tokenKeys = usageKeys[:4]
)

// A usage is what an event says in any of its places.
type usage struct {
	tokens Tokens
	known  bool // whether there are any
	model  events.Value
	copied bool // the event repeats what an earlier one told

	number   sequence.Number
	numbered bool
}

// read reads the usage of the event that s scanned.
func (u *usage) read(s *events.Scanner, metadata events.Value) {
	var v [5]events.Value
	s.LookupAll(usageKeys, v[:])
	var inMetadata [5]events.Value
	var seq, epoch events.Value
	for key, val := range metadata.Members() {
		switch string(key) {
		case "input_tokens":
			inMetadata[0] = val
		case "output_tokens":
			inMetadata[1] = val
		case "cache_read_tokens":
			inMetadata[2] = val
		case "cache_write_tokens":
			inMetadata[3] = val
		case "model":
			inMetadata[4] = val
		case "copied":
			u.copied = string(val) == "true"
		case sequence.SeqKey:
			seq = val
		case sequence.EpochKey:
			epoch = val
		}
	}
	u.number, u.numbered = sequence.ParseNumber(seq, epoch)
	if u.copied {
		return
	}
	find := func(i int) events.Value {
		if val := inMetadata[i].NonNull(); val != nil {
			return val
		}
		return v[i]
	}
	u.model = find(4)
	for i, to := range u.tokens.all() {
		if n, ok := countOf(find(i)); ok {
			*to, u.known = n, true
		}
	}
}

// append appends the tokens to a note.
func (t *Tokens) append(dst []byte) []byte {
	for _, n := range t.all() {
		dst = binary.AppendUvarint(dst, uint64(*n))
	}
	return dst
}

// cutTokens returns the tokens that notes begin with and the rest.
func cutTokens(notes []byte) (t Tokens, rest []byte) {
	for _, to := range t.all() {
		n, size := binary.Uvarint(notes)
		*to, notes = int64(n), notes[size:]
	}
	return t, notes
}

// countOf returns a number of tokens, and false if val is none.
func countOf(val events.Value) (n int64, ok bool) {
	if val.Kind() != events.Number {
		return 0, false
	}
	n, err := strconv.ParseInt(string(val), 10, 64)
	if err != nil {
		f, ok := val.Float()
		if !ok || f != math.Trunc(f) || f < 0 || f > MaxTokens {
			return 0, false
		}
		n = int64(f)
	}
	return n, 0 <= n && n <= MaxTokens
}

// NamedTokens are the tokens of a model or session. The name is nil if the events have
// none.
type NamedTokens struct {
	Name events.Value `json:"name"`
	Tokens
}

// A TokensReport has all tokens, and those of each model and session, most first.
type TokensReport struct {
	Tokens
	Models   []NamedTokens `json:"models"`
	Sessions []NamedTokens `json:"sessions"`

	// The tokens whose names are not in the lists, because those are full; nil if there
	// are none.
	OtherModels   *Tokens `json:"other_models"`
	OtherSessions *Tokens `json:"other_sessions"`
}

// A tokenCount counts tokens by model and session.
type tokenCount struct {
	known            bool // whether any event has tokens
	all              Tokens
	models, sessions table[Tokens]
}

func (c *tokenCount) add(n *note) {
	c.known = true
	c.all.add(n.tokens)
	c.models.at(n.model, MaxNames).add(n.tokens)
	c.sessions.at(n.session, MaxSessions).add(n.tokens)
}

// report returns nil if no event has tokens.
func (c *tokenCount) report() *TokensReport {
	if !c.known {
		return nil
	}
	r := &TokensReport{Tokens: c.all}
	r.Models, r.OtherModels = reportTokens(&c.models)
	r.Sessions, r.OtherSessions = reportTokens(&c.sessions)
	return r
}

func reportTokens(t *table[Tokens]) (all []NamedTokens, others *Tokens) {
	all = reported(t, func(name string, t *Tokens) NamedTokens { return NamedTokens{value(name), *t} })
	slices.SortFunc(all, func(a, b NamedTokens) int {
		return cmp.Or(cmp.Compare(b.Total(), a.Total()), byName(a.Name, b.Name))
	})
	if t.others != nil {
		rest := *t.others
		others = &rest
	}
	return all, others
}
