package dialect

// An origins remembers which of the logs that are read together had something first. A
// log that was forked or moved has what another one has, which happened only once.
type origins struct {
	logs  int
	first memory[int]
}

// log returns the number of one more log.
func (o *origins) log() int {
	o.logs++
	return o.logs
}

// copied reports whether another log than this one had the thing with an id first.
func (o *origins) copied(id []byte, log int) bool {
	first, known := o.first.get(id)
	if !known {
		o.first.set(id, log)
	}
	return known && first != log
}
