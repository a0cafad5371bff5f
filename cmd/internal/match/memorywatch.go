package match

import (
	"context"
	"runtime"
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"time"
)

// A memoryWatch looks after the memory that expressions take in gojq, which knows no
// bounds: one that is long at an event, while more than the limit is in use, is
// stopped. Between two steps of gojq it stops by itself; one whose step takes longer is
// abandoned.
type memoryWatch struct {
	limit  int64
	exceed func(*expression) // stops it

	mu      sync.Mutex
	running map[*evaluations]bool
}

// evaluations are those of one goroutine.
type evaluations struct {
	abandon func()                     // goes on without the goroutine
	count   atomic.Int64               // how many began
	expr    atomic.Pointer[expression] // the one that runs; nil: none does
	before  int64                      // how many had begun when the watch looked last
}

// abandoned is in the place of an expression that was abandoned.
var abandoned expression

// supervise returns the context of a goroutine that runs expressions until it calls
// end. abandon goes on without it.
func (w *memoryWatch) supervise(ctx context.Context, abandon func()) (_ context.Context, end func()) {
	e := &evaluations{abandon: abandon}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.running == nil {
		w.running = map[*evaluations]bool{}
	}
	w.running[e] = true
	return context.WithValue(ctx, supervised{}, e), func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.running, e)
	}
}

// supervised is the key of a context's evaluations.
type supervised struct{}

// begin says that an expression is run in a context that may be supervised, until end
// is called.
func begin(ctx context.Context, expr *expression) *evaluations {
	e, _ := ctx.Value(supervised{}).(*evaluations)
	if e != nil {
		e.count.Add(1)
		e.expr.Store(expr)
	}
	return e
}

// end says that the expression has ended. It ends the goroutine if that was abandoned:
// nobody waits for it, and what it was at may belong to others by now.
func (e *evaluations) end() {
	if e != nil && e.expr.Swap(nil) == &abandoned {
		runtime.Goexit()
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
		for {
			select {
			case <-ticker.C:
			case <-done:
				return
			}
			ending := ctx.Err() != nil
			looking := ending || sample(heapInUse) >= w.limit
			for _, e := range w.long(looking) {
				expr := e.expr.Load()
				switch {
				case expr == nil || expr == &abandoned:
				case ending && e.expr.CompareAndSwap(expr, &abandoned):
					e.abandon()
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

// long returns the evaluations that are at the same event as they were at the last
// look, and notes at which event each is now. What is not looked at is at none.
func (w *memoryWatch) long(looking bool) (long []*evaluations) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for e := range w.running {
		count := int64(-1)
		if looking {
			count = e.count.Load()
		}
		if looking && e.before == count && e.expr.Load() != nil {
			long = append(long, e)
		}
		e.before = count
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
