package merkle

import (
	"context"
	"runtime"
	"sync"

	"golang.org/x/sync/errgroup"
)

// A growth adds lines to a tree. Each of its workers reads the next block, hashes it while
// others read theirs, and adds it to the tree once those before it are, which the last of
// them may do for it: so none has to be woken for a block.
type growth struct {
	edge    *Edge
	tickets chan struct{} // one for each block that was read and is not in the tree

	reading sync.Mutex
	lines   *Lines
	next    int64 // the leaf of the next line
	limit   int64

	adding sync.Mutex
	hashed map[int64]*block // that cannot be added yet, by their first leaf
}

// Grow adds at most limit lines to the tree, hashed on all cores.
func (e *Edge) Grow(ctx context.Context, l *Lines, limit int64) error {
	workers := runtime.GOMAXPROCS(0)
	all := &growth{
		edge:    e,
		tickets: make(chan struct{}, 4*workers),
		lines:   l,
		next:    e.n,
		limit:   e.n + limit,
		hashed:  make(map[int64]*block),
	}
	g, ctx := errgroup.WithContext(ctx)
	for range workers {
		g.Go(func() error { return all.work(ctx) })
	}
	return g.Wait()
}

func (g *growth) work(ctx context.Context) error {
	for {
		select {
		case g.tickets <- struct{}{}:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		b, err := g.read(ctx)
		if b == nil || err != nil {
			return err
		}
		if err := b.hash(g.edge); err != nil {
			return err
		}
		if err := g.add(b); err != nil {
			return err
		}
	}
}

// read returns the next block, nil at the end.
func (g *growth) read(ctx context.Context) (*block, error) {
	g.reading.Lock()
	defer g.reading.Unlock()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	b, err := g.lines.next(g.next, g.limit-g.next)
	if b != nil {
		g.next += b.lines
	}
	return b, err
}

// add adds a block, and those that waited for it.
func (g *growth) add(b *block) error {
	g.adding.Lock()
	defer g.adding.Unlock()
	g.hashed[b.first] = b
	for {
		b := g.hashed[g.edge.n]
		if b == nil {
			return nil
		}
		delete(g.hashed, b.first)
		if err := g.edge.addLeaves(b.roots, b.rest); err != nil {
			return err
		}
		<-g.tickets
	}
}
