package merkle

import (
	"context"
	"runtime"

	"golang.org/x/sync/errgroup"
)

// Grow adds at most limit lines to the tree, hashed on all cores.
func (e *Edge) Grow(ctx context.Context, l *Lines, limit int64) error {
	workers := runtime.GOMAXPROCS(0)
	inOrder := make(chan *block, 2*workers)
	toHash := make(chan *block, workers)
	g, ctx := errgroup.WithContext(ctx)
	leaf, last := e.n, e.n+limit
	g.Go(func() error {
		defer close(inOrder)
		defer close(toHash)
		for {
			b, err := l.next(leaf, last-leaf)
			if err != nil || b == nil {
				return err
			}
			leaf += b.lines
			toHash <- b
			select {
			case inOrder <- b:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
	})
	for range workers {
		g.Go(func() error {
			for b := range toHash {
				b.hash(e)
			}
			return nil
		})
	}
	g.Go(func() error {
		for b := range inOrder {
			<-b.done
			if b.err != nil {
				return b.err
			}
			if err := e.addLeaves(b.hashes, b.roots); err != nil {
				return err
			}
		}
		return nil
	})
	return g.Wait()
}
