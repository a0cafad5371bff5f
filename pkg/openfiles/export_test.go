package openfiles

// OpenNow returns how many files are open.
func (p *Pool) OpenNow() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.open
}
