package input

import (
	"container/heap"
	"slices"
	"time"
)

// pause is how long nothing comes from an input before its lines wait no longer.
const pause = 500 * time.Millisecond

// readable takes a lane that can be read without waiting from those that must be read. It
// waits for one, or until one pauses, and then returns nil.
func (m *merge) readable(b *Block) *lane {
	for {
		m.resume()
		for i, l := range slices.Backward(m.dry) {
			if l.pausing == nil || l.piece || l.ended || l.pausing.ready() {
				m.dry = slices.Delete(m.dry, i, i+1)
				return l
			}
		}
		if m.wait() {
			m.letGo(b)
			return nil
		}
	}
}

// wait waits until something comes. It returns true if a lane pauses before that.
func (m *merge) wait() (paused bool) {
	var first time.Time
	for _, l := range m.dry {
		l.window.keep()
		l.pausing.ask(&l.block)
		if l.window.empty() {
			continue
		}
		if l.pauses.IsZero() {
			l.pauses = time.Now().Add(pause)
		}
		if first.IsZero() || l.pauses.Before(first) {
			first = l.pauses
		}
	}
	var timeout <-chan time.Time
	if !first.IsZero() {
		timer := time.NewTimer(time.Until(first))
		defer timer.Stop()
		timeout = timer.C
	}
	m.turn.Unlock()
	defer m.turn.Lock()
	select {
	case <-m.came:
		return false
	case <-timeout:
		return true
	}
}

// letGo passes on the lines of lanes that pause.
func (m *merge) letGo(b *Block) {
	now := time.Now()
	m.dry = slices.DeleteFunc(m.dry, func(l *lane) bool {
		if l.window.empty() || now.Before(l.pauses) || l.pausing.ready() {
			return false
		}
		l.paused, l.pauses, m.somePaused = true, time.Time{}, true
		l.window.letGo("which was passed on when the input paused")
		l.advance(b)
		heap.Push(&m.lanes, l)
		return true
	})
}

// resume makes lanes that go on after a pause be read. Their lines wait again.
func (m *merge) resume() {
	if !m.somePaused {
		return
	}
	m.somePaused = false
	for i := 0; i < len(m.lanes); i++ {
		switch l := m.lanes[i]; {
		case !l.paused:
		case l.pausing.ready():
			l.next = nil
			m.dry = append(m.dry, l)
			heap.Remove(&m.lanes, i)
			i = -1 // the others may have moved
		default:
			m.somePaused = true
		}
	}
}
