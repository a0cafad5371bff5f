package cmd

import "sync"

// A hangup is what SIGHUP means to the command that runs: an interruption,
// unless it has files to open anew. A nil hangup is one that never happens.
type hangup struct {
	mu     sync.Mutex
	action func()
}

// do sets what a hang-up does; with nil it is an interruption.
func (h *hangup) do(action func()) {
	if h == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.action = action
}

// happened does it, on the side as it may take time, and reports false if there
// is nothing to be done.
func (h *hangup) happened() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.action == nil {
		return false
	}
	go h.action()
	return true
}
