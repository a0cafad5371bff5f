package stats

// A tool counts the events and calls of a tool.
type tool struct {
	counts
	attempts, completes, failures, denials int64
	unfinished, refused                    int64 // of the attempts dropped because of MaxOpen
	durations
}

func (t *tool) add(k kind, r rank, events int64) {
	t.counts.add(r, events)
	switch k {
	case attempt:
		t.attempts += events
	case complete:
		t.completes += events
	case failed:
		t.failures += events
	case denied:
		t.denials += events
	}
}

// addOpen counts an attempt without an end.
func (t *tool) addOpen(o openCall) {
	if o.denied {
		t.refused++
	} else {
		t.unfinished++
	}
}

// A failure counts the events of one type, tool and reason.
type failure struct {
	count   int64
	message []byte // of the last

	first, last Timestamp
}

func (f *failure) add(n *note) {
	if !f.first.known {
		f.first = n.at
	}
	f.count++
	f.message = append(f.message[:0], n.message...)
	f.last = n.at
}
