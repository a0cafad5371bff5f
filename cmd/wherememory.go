package cmd

import (
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
// stopped.
type memoryWatch struct {
	limit   int64
	exceed  func(*where.Expr) // stops it
	running sync.Map          // of *evaluations by the *events.Scanner of who runs them
}

// evaluations are those of one goroutine.
type evaluations struct {
	count atomic.Int64 // how many began
	expr  atomic.Pointer[where.Expr]
}

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

func (e *evaluations) end() { e.expr.Store(nil) }

// watchEvery is how often the watch looks: what is at an event at two looks is long
// at it.
const watchEvery = 20 * time.Millisecond

// start begins to watch, and returns what ends that.
func (w *memoryWatch) start() (stop func()) {
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
			if heapInUse() < w.limit {
				clear(before)
				continue
			}
			if expr := w.long(before); expr != nil {
				runtime.GC() // some of it may be used no longer
				if heapInUse() >= w.limit {
					w.exceed(expr)
					return
				}
			}
		}
	})
	return func() {
		close(done)
		watching.Wait()
	}
}

// long returns an expression that is at the same event as it was before, nil if none
// is, and notes at which event each is now.
func (w *memoryWatch) long(before map[*evaluations]int64) (expr *where.Expr) {
	w.running.Range(func(_, value any) bool {
		e := value.(*evaluations)
		count := e.count.Load()
		if running := e.expr.Load(); running != nil && before[e] == count {
			expr = running
		}
		before[e] = count
		return true
	})
	return expr
}

// heapInUse is how many bytes are in use, or were until the next collection.
func heapInUse() int64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64())
}
