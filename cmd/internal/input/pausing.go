package input

import (
	"io"
	"sync"
)

// A pausing is an input whose reading may take any time: a pipe, a FIFO or a stream. It is
// read in a goroutine of its own, which has the turn of the merge except while it waits for
// the input, so that no two inputs are decoded at once.
type pausing struct {
	*merge
	source sequence
	wanted chan *Block   // to be filled
	filled chan struct{} // when it is
	asked  bool          // a block was wanted and not taken
}

// mayPause reports whether reading an input may take any time.
func (in *Input) mayPause() bool {
	if in.stream != nil || in.err != nil {
		return in.stream != nil
	}
	st := in.Stat()
	if st == nil {
		return in.path == "-"
	}
	return !st.Mode().IsRegular() && !st.IsDir()
}

// newPausing returns an input of m to be read when it is asked for.
func newPausing(in *Input, opts *Options, m *merge) *pausing {
	own := *opts
	own.files, own.turn = nil, &m.turn
	p := &pausing{
		merge: m, source: sequence{options: &own, inputs: []*Input{in}},
		wanted: make(chan *Block, 1), filled: make(chan struct{}, 1),
	}
	go p.read()
	return p
}

// read fills blocks until close is called.
func (p *pausing) read() {
	defer p.source.Close()
	for b := range p.wanted {
		p.turn.Lock()
		p.source.Next(b)
		p.turn.Unlock()
		p.filled <- struct{}{}
		select {
		case p.came <- struct{}{}:
		default: // it is not yet known that others came
		}
	}
}

// ask begins to fill a block, unless that was done.
func (p *pausing) ask(b *Block) {
	if !p.asked {
		p.asked = true
		p.wanted <- b
	}
}

// ready reports whether the block is filled.
func (p *pausing) ready() bool { return len(p.filled) > 0 }

// take takes the block that is filled, or waits for it.
func (p *pausing) take() {
	<-p.filled
	p.asked = false
}

// close ends the reading, as soon as nothing is waited for.
func (p *pausing) close() { close(p.wanted) }

// outOfTurn calls something that waits for an input.
func (o *Options) outOfTurn(wait func()) {
	if o.turn != nil {
		o.turn.Unlock()
		defer o.turn.Lock()
	}
	wait()
}

// reading returns a reader of r that waits out of turn.
func (o *Options) reading(r io.Reader) io.Reader {
	if o.turn == nil {
		return r
	}
	return outOfTurn{r, o.turn}
}

type outOfTurn struct {
	src  io.Reader
	turn *sync.Mutex
}

func (r outOfTurn) Read(p []byte) (int, error) {
	r.turn.Unlock()
	defer r.turn.Lock()
	return r.src.Read(p)
}
