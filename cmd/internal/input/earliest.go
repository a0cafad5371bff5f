package input

// earliest is a heap of lines that were late, with the next one in order of time first. It
// is no [container/heap], which would allocate memory for each line.
type earliest []waiting

// first returns the first line, nil if there is none.
func (h earliest) first() *waiting {
	if len(h) == 0 {
		return nil
	}
	return &h[0]
}

func (h *earliest) push(l waiting) {
	*h = append(*h, l)
	all := *h
	for i := len(all) - 1; i > 0; {
		parent := (i - 1) / 2
		if all[parent].compare(&all[i]) < 0 {
			break
		}
		all[parent], all[i] = all[i], all[parent]
		i = parent
	}
}

// pop removes the first line.
func (h *earliest) pop() {
	last := len(*h) - 1
	all := (*h)[:last]
	if last > 0 {
		all[0] = (*h)[last]
	}
	(*h)[last] = waiting{}
	*h = all
	for i := 0; ; {
		least := 2*i + 1
		if least >= last {
			break
		}
		if other := least + 1; other < last && all[other].compare(&all[least]) < 0 {
			least = other
		}
		if all[i].compare(&all[least]) < 0 {
			break
		}
		all[i], all[least] = all[least], all[i]
		i = least
	}
}
