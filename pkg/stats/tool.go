package stats

// A tool is what happened to the calls of a tool.
type tool struct {
	counts
	attempts, completes, failures, denials int64
	unfinished                             int64 // attempts that were given up
	durations
}

func (t *tool) add(n *note, p *precision) {
	t.counts.add(n)
	switch n.what {
	case attempt:
		t.attempts++
	case complete:
		t.completes++
	case failed:
		t.failures++
	case denied:
		t.denials++
	}
	if n.has(lasted) && (n.what == complete || n.what == failed) {
		t.durations.add(n.duration, p)
	}
}

// A failure is events of one type, tool and reason.
type failure struct {
	count   int64
	message []byte // of the last
	last    Timestamp
}

func (f *failure) add(n *note) {
	f.count++
	f.message = append(f.message[:0], n.message...)
	f.last = n.at
}
