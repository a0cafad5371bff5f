package turns

import (
	"cmp"
	"container/list"
	"slices"
)

// agents are those that calls began, or may have begun.
type agents struct {
	byKey map[agentKey]*agent
	all   list.List            // of *agent, oldest first
	bytes int                  // that they take
	began map[callKey][]*agent // by the call that began them, until its turn is taken
	below map[callKey][]*Turn  // the turns that belong below a call
}

type agentKey struct{ session, id string }

type agent struct {
	agentKey
	call  string  // the id of the call that began it, if known
	seen  bool    // an event of it
	shown string  // the id of the call below which its turns were returned
	apart []*Turn // of which it is not known which call they belong below
	place *list.Element
}

// maxAgentBytes is how much memory agents may take, besides their turns. When that is not
// enough, the oldest are forgotten.
const maxAgentBytes = 8 << 20

func (a *agent) bytes() int { return 512 + len(a.session) + len(a.id) + len(a.call) }

// at returns the agent with a key, a new one if there is none.
func (s *agents) at(key agentKey) *agent {
	a := s.byKey[key]
	if a != nil {
		return a
	}
	if s.byKey == nil {
		s.byKey, s.began, s.below = map[agentKey]*agent{}, map[callKey][]*agent{}, map[callKey][]*Turn{}
	}
	a = &agent{agentKey: key}
	a.place = s.all.PushBack(a)
	s.byKey[key] = a
	s.bytes += a.bytes()
	for s.bytes > maxAgentBytes && s.all.Len() > 1 {
		s.forget(s.all.Front().Value.(*agent))
	}
	return a
}

func (s *agents) forget(a *agent) {
	s.all.Remove(a.place)
	delete(s.byKey, a.agentKey)
	s.bytes -= a.bytes()
	key := callKey{a.session, a.call}
	if s.began[key] = without(s.began[key], a); len(s.began[key]) == 0 {
		delete(s.began, key)
	}
}

// tell notes which call began an agent. It is not told twice.
func (s *agents) tell(key agentKey, call string) {
	a := s.at(key)
	if a.call != "" {
		return
	}
	a.call = call
	s.bytes += len(call)
	s.began[callKey{key.session, call}] = append(s.began[callKey{key.session, call}], a)
	for len(a.apart) > 0 {
		s.join(a.apart[0], call)
	}
}

// none reports whether there are none.
func (s *agents) none() bool { return len(s.byKey) == 0 }

// isTold reports whether it is known which call began an agent.
func (s *agents) isTold(key agentKey) bool {
	a := s.byKey[key]
	return a != nil && a.call != ""
}

// enter adds a turn, which belongs below the call parent if that is not empty.
func (s *agents) enter(t *Turn, id, parent string) {
	if id != "" {
		t.agent = s.at(agentKey{t.Session, id})
		t.agent.seen = true
		t.agent.apart = append(t.agent.apart, t)
		if parent == "" {
			parent = t.agent.call
		}
	}
	if parent != "" {
		s.join(t, parent)
	}
}

// join puts a turn below a call.
func (s *agents) join(t *Turn, call string) {
	if t.agent != nil {
		t.agent.apart = without(t.agent.apart, t)
	}
	t.parent = call
	key := callKey{t.Session, call}
	if s.below == nil {
		s.below = map[callKey][]*Turn{}
	}
	s.below[key] = append(s.below[key], t)
}

// leave removes a turn.
func (s *agents) leave(t *Turn) {
	if t.agent != nil {
		t.agent.apart = without(t.agent.apart, t)
	}
	key := callKey{t.Session, t.parent}
	if turns, ok := s.below[key]; ok && t.parent != "" {
		if s.below[key] = without(turns, t); len(s.below[key]) == 0 {
			delete(s.below, key)
		}
	}
}

// unseen reports whether a call began an agent of which there was no event yet.
func (s *agents) unseen(key callKey) bool {
	return slices.ContainsFunc(s.began[key], func(a *agent) bool { return !a.seen })
}

// show removes and returns the turns below a call, in order of time. Later turns of the
// same agents will not belong below a call.
func (s *agents) show(key callKey) []*Turn {
	for _, a := range s.began[key] {
		a.shown = key.id
	}
	delete(s.began, key)
	turns := s.below[key]
	delete(s.below, key)
	for _, t := range turns {
		if t.agent != nil {
			t.agent.shown = key.id
		}
	}
	slices.SortStableFunc(turns, func(a, b *Turn) int {
		if a.first.known && b.first.known && !a.first.Equal(b.first.Time) {
			return a.first.Compare(b.first.Time)
		}
		return cmp.Compare(a.age, b.age)
	})
	return turns
}

// wasShown reports whether the call that the turn belongs below was returned before.
func (s *agents) wasShown(t *Turn) bool {
	return t.agent != nil && t.parent != "" && t.agent.shown == t.parent
}

func without[T comparable](all []T, one T) []T {
	if i := slices.Index(all, one); i >= 0 {
		return slices.Delete(all, i, i+1)
	}
	return all
}
