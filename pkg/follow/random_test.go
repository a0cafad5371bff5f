package follow_test

import (
	"compress/gzip"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"auditctl/pkg/compress"
	"auditctl/pkg/follow"
	"auditctl/pkg/openfiles"
)

// A rotator writes to a log and rotates it in one of the many ways programs do.
type rotator struct {
	*reading
	rand       *rand.Rand
	scheme     string // numbered, dated or within
	copies     bool   // the log is copied and truncated instead of moved
	compresses bool   // rotated files are compressed at some time
	keep       int    // at least this many rotated files are kept
	lines      int
	date       int
	moved      []string // the rotated files, oldest first
	history    []string // of the steps
	deleted    bool     // some rotated files were deleted
}

func gzipped(text string) string {
	var b strings.Builder
	z := gzip.NewWriter(&b)
	io.WriteString(z, text)
	z.Close()
	return b.String()
}

func (r *rotator) write() {
	for range 1 + r.rand.IntN(3) {
		r.lines++
		r.add("a.jsonl", fmt.Sprintf("line %d%s\n", r.lines, strings.Repeat("x", r.rand.IntN(100))))
	}
}

// dated returns a new name with a date to move the log to.
func (r *rotator) dated() string {
	r.date++
	date := time.Date(2026, 3, 9, 0, 0, 0, 0, time.UTC).AddDate(0, 0, r.date)
	if r.scheme == "within" {
		return "a-" + date.Format("20060102") + ".jsonl"
	}
	return "a.jsonl-" + date.Format("20060102")
}

func (r *rotator) rotate() {
	name := "a.jsonl.1"
	if r.scheme == "numbered" {
		for i, from := range r.moved {
			to := fmt.Sprintf("a.jsonl.%d", len(r.moved)-i+1)
			if strings.HasSuffix(from, ".gz") {
				to += ".gz"
			}
			r.rename(from, to)
			r.moved[i] = to
		}
	} else {
		name = r.dated()
	}
	r.moved = append(r.moved, name)
	if !r.copies {
		r.rename("a.jsonl", name)
		r.add("a.jsonl", "")
		return
	}
	r.copied(name, "")
}

// compress compresses a rotated file as gzip does, keeping its time.
func (r *rotator) compress(i int) {
	name := r.moved[i]
	if strings.HasSuffix(name, ".gz") {
		return
	}
	r.compressed(name, ".gz")
	r.moved[i] = name + ".gz"
}

func (r *rotator) step() {
	switch n := r.rand.IntN(10); {
	case n < 4:
		r.did("write")
		r.write()
	case n < 7:
		r.did("rotate")
		r.rotate()
		if r.compresses && r.rand.IntN(2) == 0 {
			r.did("compress")
			r.compress(len(r.moved) - 1)
		}
	case n < 8 && r.compresses && len(r.moved) > 0:
		r.did("compress some")
		r.compress(r.rand.IntN(len(r.moved)))
	case n < 9 && len(r.moved) > r.keep:
		r.did("delete " + r.moved[0])
		r.deleted = true
		r.do(os.Remove(r.path(r.moved[0])))
		r.moved = r.moved[1:]
	case n < 10:
		// Files that are not of this log.
		r.do(os.WriteFile(r.path("a.jsonl.torn"), []byte("line 0\n"), 0o600))
		r.do(os.WriteFile(r.path("a.jsonl~"), []byte("line 0\n"), 0o600))
		r.do(os.WriteFile(r.path("b.jsonl-20260310"), []byte("line 0\n"), 0o600))
	}
}

func (r *rotator) did(what string) { r.history = append(r.history, what) }

// newLooking returns a reading of a.jsonl that looks only in drain and never waits.
func newLooking(t *testing.T) *reading { return newLookingAt(t, "a.jsonl") }

func newLookingAt(t *testing.T, name string) *reading {
	w := follow.NewPoller()
	w.Close()
	r := &reading{t: t, dir: t.TempDir(), size: 1 << 10, watcher: w, files: w.Files}
	r.File = w.Follow(r.path(name))
	r.Missing = func(why string) { r.missing = append(r.missing, why) }
	t.Cleanup(func() { r.Close() })
	return r
}

// drain looks and reads what there is, without waiting.
func (r *reading) drain() {
	r.t.Helper()
	for buf := make([]byte, r.size); ; {
		r.crowd()
		n, err := r.TryRead(buf)
		r.have += string(buf[:n])
		switch {
		case err == io.EOF:
			r.do(r.Next())
			r.parts, r.have = append(r.parts, r.have), ""
		case err != nil:
			r.t.Fatal(err)
		case n == 0:
			return
		}
	}
}

// decompressed joins what was read, decompressing the files that are compressed.
func decompressed(t *testing.T, files []string) string {
	var all strings.Builder
	for _, file := range files {
		if _, err := io.Copy(&all, compress.NewReader(strings.NewReader(file))); err != nil {
			t.Fatal(err)
		}
	}
	return all.String()
}

// However a log is rotated between two looks, each line is read once and in order, also
// if only one file may be open. Only if files were deleted may lines be missing, and that
// is reported.
func TestRandom(t *testing.T) {
	t.Parallel()
	for seed := range uint64(seeds) {
		random := rand.New(rand.NewPCG(seed, 1))
		reading := newLooking(t)
		if seed%2 == 1 {
			reading.files = openfiles.NewPool(1)
			reading.watcher.Files = reading.files
		}
		r := &rotator{
			reading: reading, rand: random, keep: []int{2, 1000}[random.IntN(2)],
			scheme: []string{"numbered", "dated", "within"}[random.IntN(3)],
			copies: random.IntN(2) == 0, compresses: random.IntN(2) == 0,
		}
		r.add("a.jsonl", "")
		r.do(r.Next())
		if r.scheme == "within" { // which is recognized only after one was found there
			r.write()
			r.drain()
			r.rotate()
			r.write()
			r.drain()
		}
		for range 12 {
			for range random.IntN(8) {
				r.step()
			}
			r.did("look")
			r.drain()
		}
		r.check(seed)
	}
}

// seeds is how many random sequences are tried.
const seeds = 30

func (r *rotator) check(seed uint64) {
	var have []int
	for line := range strings.Lines(decompressed(r.t, append(r.parts, r.have))) {
		var n int
		if _, err := fmt.Sscanf(line, "line %d", &n); err != nil {
			r.t.Fatalf("seed %d: %q: %v", seed, line, err)
		}
		have = append(have, n)
	}
	fail := func(format string, args ...any) {
		r.t.Helper()
		r.t.Errorf("seed %d, %s, copies %v, compresses %v, keeps %d: %s; said %q; did %q", seed,
			r.scheme, r.copies, r.compresses, r.keep, fmt.Sprintf(format, args...), r.missing, r.history)
	}
	next := 1
	for _, n := range have {
		if n < next || n > next && len(r.missing) == 0 {
			fail("line %d where %d should be", n, next)
		}
		next = n + 1
	}
	if next != r.lines+1 {
		fail("ends after line %d of %d", next-1, r.lines)
	}
	crowded := r.files.Most() == 1 // so that one that is compressed may be gone
	if len(r.missing) > 0 && !r.deleted && !(crowded && r.compresses) {
		fail("nothing is missing")
	}
}
