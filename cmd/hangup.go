package cmd

import "sync"

// A hangup is what SIGHUP means to the running command: an interruption, unless it
// has files to reopen. A nil hangup never happens.
type hangup struct {
	mu     sync.Mutex
	action func()
}

// do sets what SIGHUP does; with nil it is an interruption.
func (h *hangup) do(action func()) {
	if h == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.action = action
}

// happened does it in the background, since it may take time, and reports false if
// there is nothing to do.
func (h *hangup) happened() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.action == nil {
		return false
	}
	go h.action()
	return true
}
