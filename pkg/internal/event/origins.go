package event

// An Origins remembers which of the logs that are read together had something first. A
// log that was forked or moved has what another one has, which happened only once.
type Origins struct {
	logs  int
	first Memory[int]
}

// Log returns the number of one more log.
func (o *Origins) Log() int {
	o.logs++
	return o.logs
}

// Copied reports whether another log than this one had the thing with an id first.
func (o *Origins) Copied(id []byte, log int) bool {
	first, known := o.first.Get(id)
	if !known {
		o.first.Set(id, log)
	}
	return known && first != log
}
