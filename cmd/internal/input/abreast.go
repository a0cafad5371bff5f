package input

// Abreast reads several groups of inputs abreast, those of each group one after the other.
// Each group is read with its own options. next returns the group to go on with, of those
// that are open, which it can ask.
func Abreast(groups [][]*Input, opts []*Options, next func(open func(group int) bool) int) Source {
	a := &abreast{next: next}
	for i, inputs := range groups {
		a.sources = append(a.sources, Sequence(inputs, opts[i]))
	}
	return a
}

type abreast struct {
	sources []Source // nil where a group has ended
	next    func(open func(int) bool) int
}

func (a *abreast) Next(b *Block) bool {
	for {
		i := a.next(func(group int) bool { return a.sources[group] != nil })
		if i < 0 {
			return false
		}
		if a.sources[i].Next(b) {
			return true
		}
		a.sources[i] = nil
	}
}

func (a *abreast) Close() {
	for _, src := range a.sources {
		if src != nil {
			src.Close()
		}
	}
}
