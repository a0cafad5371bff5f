package turns

// A shelf has the turns that were not taken yet.
type shelf struct {
	byKey   map[turnKey]*Turn // those that are open
	main    turnList          // open turns, oldest first
	below   turnList          // turns that may belong below a call, open or not, oldest first
	waiting turnList          // of turns that ended, oldest first
	count   map[string]int    // of those that wait, by session
	held    int               // bytes
	age     int64             // of the youngest
}

// find returns the open turn with a key, nil if there is none.
func (s *shelf) find(key turnKey) *Turn { return s.byKey[key] }

// open adds an open turn.
func (s *shelf) open(t *Turn) {
	if s.byKey == nil {
		s.byKey, s.count = map[turnKey]*Turn{}, map[string]int{}
	}
	s.byKey[t.key] = t
	s.age++
	t.age = s.age
	t.on = &s.main
	if t.key.below {
		t.on = &s.below
	}
	t.on.push(t)
}

// charge counts memory that a turn takes.
func (s *shelf) charge(t *Turn, bytes int) {
	t.bytes += bytes
	s.held += bytes
}

// close makes a turn one that no further event belongs to.
func (s *shelf) close(t *Turn) {
	if s.byKey[t.key] == t {
		delete(s.byKey, t.key)
	}
}

// wait adds a closed turn to those that wait.
func (s *shelf) wait(t *Turn) {
	if t.on != nil {
		t.on.remove(t)
	}
	t.on = &s.waiting
	t.on.push(t)
	s.count[t.Session]++
}

// waits reports whether turns of a session wait, and others of it must, too.
func (s *shelf) waits(session string) bool { return s.count[session] > 0 }

// oldest returns the turn that is to be taken next, nil if there is none. Those that may
// belong below a call come last, unless there is no room for them.
func (s *shelf) oldest(full bool) *Turn {
	waiting, main, below := s.waiting.first, s.main.first, s.below.first
	switch {
	case waiting != nil:
		return waiting
	case main == nil || full && below != nil && below.age < main.age:
		return below
	}
	return main
}

// remove removes a turn.
func (s *shelf) remove(t *Turn) {
	s.close(t)
	t.on.remove(t)
	if t.on == &s.waiting {
		if s.count[t.Session]--; s.count[t.Session] == 0 {
			delete(s.count, t.Session)
		}
	}
	t.on = nil
	s.held -= t.bytes
}

// A turnList is a list of turns, oldest first. A turn is in one at most.
type turnList struct{ first, last *Turn }

func (l *turnList) push(t *Turn) {
	if t.before = l.last; l.last == nil {
		l.first = t
	} else {
		l.last.after = t
	}
	l.last = t
}

func (l *turnList) remove(t *Turn) {
	if t.before == nil {
		l.first = t.after
	} else {
		t.before.after = t.after
	}
	if t.after == nil {
		l.last = t.before
	} else {
		t.after.before = t.before
	}
	t.before, t.after = nil, nil
}
