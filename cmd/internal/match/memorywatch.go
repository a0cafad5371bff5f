package match

import (
	"context"
	"runtime"
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"time"
)

// A memoryWatch limits the memory that expressions take in gojq, which has no limits of
// its own: an expression that takes long on an event, while more than the limit is in
// use, is stopped. Between two steps of gojq it stops by itself; one whose step takes
// longer is abandoned.
type memoryWatch struct {
	limit  int64
	exceed func(*expression) // stops it

	mu      sync.Mutex
	running map[*evaluations]bool
}

// evaluations are those of one goroutine.
type evaluations struct {
	abandon func()                     // gives the goroutine up
	count   atomic.Int64               // how many were begun
	expr    atomic.Pointer[expression] // the one that runs; nil: none does
	before  int64                      // count when the watch looked last
}

// abandoned replaces an expression that was abandoned.
var abandoned expression

// supervise returns the context of a goroutine that runs expressions until it calls end.
// abandon gives the goroutine up.
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

// supervised is the context key of the evaluations.
type supervised struct{}

// begin says that an expression runs in a context, which may be supervised, until end is
// called.
func begin(ctx context.Context, expr *expression) *evaluations {
	e, _ := ctx.Value(supervised{}).(*evaluations)
	if e != nil {
		e.count.Add(1)
		e.expr.Store(expr)
	}
	return e
}

// end says that the expression has ended. If it was abandoned, end ends the goroutine:
// nobody waits for it, and others may be using what it worked on.
func (e *evaluations) end() {
	if e != nil && e.expr.Swap(nil) == &abandoned {
		runtime.Goexit()
	}
}

// watchEvery is how often the watch looks. What is on the same event at two looks in a
// row takes long.
const watchEvery = 20 * time.Millisecond

// start watches expressions, which stop when ctx ends, until stop is called.
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

// long returns the evaluations that are on the same event as at the last look, and
// records the current event of each. Without looking it forgets these.
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

// full reports whether more than the limit is in use without garbage. Twice the limit
// cannot be all garbage, since that is collected before, because of start's memory limit.
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
