package cmd

import (
	"context"
	"runtime"
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"time"

	"auditctl/pkg/events"
	"auditctl/pkg/where"
)

// A memoryWatch looks after the memory that expressions take in gojq, which knows no
// bounds: one that is long at an event, while more than the limit is in use, is
// stopped. Between two steps of gojq it stops by itself; one whose step takes longer is
// abandoned.
type memoryWatch struct {
	limit   int64
	exceed  func(*where.Expr)     // stops it
	abandon func(*events.Scanner) // goes on without the goroutine that runs it
	running sync.Map              // of *evaluations by the *events.Scanner of who runs them
}

// evaluations are those of one goroutine.
type evaluations struct {
	count atomic.Int64               // how many began
	expr  atomic.Pointer[where.Expr] // the one that runs; nil: none does
}

// abandoned is in the place of an expression that was abandoned.
var abandoned where.Expr

// begin says that an expression is run on what s scanned, until end is called.
func (w *memoryWatch) begin(s *events.Scanner, expr *where.Expr) *evaluations {
	e, ok := w.running.Load(s)
	if !ok {
		e, _ = w.running.LoadOrStore(s, &evaluations{})
	}
	all := e.(*evaluations)
	all.count.Add(1)
	all.expr.Store(expr)
	return all
}

// end says that the expression has ended. It ends the goroutine if that was abandoned:
// nobody waits for it, and what it was at may belong to others by now.
func (e *evaluations) end() {
	if e.expr.Swap(nil) == &abandoned {
		runtime.Goexit()
	}
}

// end ends what was begun with s, if that was anything.
func (w *memoryWatch) end(s *events.Scanner) {
	if e, ok := w.running.Load(s); ok {
		e.(*evaluations).end()
	}
}

// watchEvery is how often the watch looks: what is at an event at two looks is long
// at it.
const watchEvery = 20 * time.Millisecond

// start begins to watch expressions that stop when ctx ends, and returns what ends
// that.
func (w *memoryWatch) start(ctx context.Context) (stop func()) {
	done := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		ticker := time.NewTicker(watchEvery)
		defer ticker.Stop()
		before := map[*evaluations]int64{}
		for {
			select {
			case <-ticker.C:
			case <-done:
				return
			}
			ending := ctx.Err() != nil
			if !ending && sample(heapInUse) < w.limit {
				clear(before)
				continue
			}
			for s, e := range w.long(before) {
				expr := e.expr.Load()
				switch {
				case expr == nil || expr == &abandoned:
				case ending && e.expr.CompareAndSwap(expr, &abandoned):
					w.abandon(s)
				case !ending && w.full():
					w.exceed(expr)
					ending = true
				}
			}
		}
	})
	return func() {
		close(done)
		watching.Wait()
	}
}

// long returns the evaluations that are at the same event as they were before, and
// notes at which event each is now.
func (w *memoryWatch) long(before map[*evaluations]int64) map[*events.Scanner]*evaluations {
	long := map[*events.Scanner]*evaluations{}
	for s, value := range w.running.Range {
		e := value.(*evaluations)
		count := e.count.Load()
		if last, ok := before[e]; ok && last == count && e.expr.Load() != nil {
			long[s.(*events.Scanner)] = e
		}
		before[e] = count
	}
	return long
}

// full reports whether more than the limit is in use, of which garbage is no part. Of
// twice the limit it cannot be all, since the flow has it collected before.
func (w *memoryWatch) full() bool {
	if sample(liveHeap) < w.limit && sample(heapInUse) < 2*w.limit {
		runtime.GC()
	}
	return sample(heapInUse) >= w.limit
}

const (
	heapInUse = "/memory/classes/heap/objects:bytes" // or was until the next collection
	liveHeap  = "/gc/heap/live:bytes"                // at the last collection
)

func sample(metric string) int64 {
	sample := []metrics.Sample{{Name: metric}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64())
}
