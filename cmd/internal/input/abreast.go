package input

// Abreast reads several groups of inputs at once, those of each group one after the other
// and with options of their own. next returns the group whose lines are to come next, of
// those that are open, which it can ask.
func Abreast(groups [][]*Input, opts []*Options, next func(open func(group int) bool) int) Source {
	a := &abreast{next: next, stop: make(chan struct{})}
	for i, inputs := range groups {
		a.groups = append(a.groups, a.read(Sequence(inputs, opts[i])))
	}
	return a
}

type abreast struct {
	groups []*group // nil where one has ended
	next   func(open func(int) bool) int
	stop   chan struct{}
}

// A group is read by a goroutine of its own, a few blocks ahead, since only one goroutine
// can decode an input.
type group struct{ read, spare chan *Block }

func (a *abreast) read(src Source) *group {
	const ahead = 2
	g := &group{make(chan *Block, ahead), make(chan *Block, ahead)}
	for range ahead {
		g.spare <- &Block{}
	}
	go func() {
		defer close(g.read)
		defer src.Close()
		for {
			select {
			case b := <-g.spare:
				if !src.Next(b) {
					return
				}
				g.read <- b // there is room for all
			case <-a.stop:
				return
			}
		}
	}()
	return g
}

func (a *abreast) Next(b *Block) bool {
	for {
		i := a.next(func(i int) bool { return a.groups[i] != nil })
		if i < 0 {
			return false
		}
		g := a.groups[i]
		if read, ok := <-g.read; ok {
			*b, *read = *read, *b
			g.spare <- read
			return true
		}
		a.groups[i] = nil
	}
}

func (a *abreast) Close() { close(a.stop) }
