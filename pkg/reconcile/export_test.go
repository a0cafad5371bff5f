package reconcile

// Held returns how many calls are in memory.
func (r *Reconciler) Held() int { return len(r.calls) }
