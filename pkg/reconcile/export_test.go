package reconcile

// Held returns how many calls are in memory.
func (r *Reconciler) Held() int { return len(r.calls) }

// LimitWaiting sets a limit in place of MaxWaiting.
func (r *Reconciler) LimitWaiting(n int) { r.maxWaiting = n }
