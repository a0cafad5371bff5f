package bounded_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"auditctl/cmd/internal/bounded"
)

// An LRU keeps what is used, and forgets what was not used for long, once.
func TestLRU(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ keys, size int }{
		"many keys": {150_000, 0}, "large keys": {5000, 2000},
	} {
		key := func(i int) string { return fmt.Sprint(i, strings.Repeat("x", test.size)) }
		forgotten := map[int]int{}
		l := bounded.LRU[int]{Forget: func(i *int) { forgotten[*i]++ }}
		used := -1
		l.Set("used", &used)
		for i := range test.keys {
			if i%100 == 0 && l.Get([]byte("used")) != &used {
				t.Fatalf("%s: the key in use is forgotten at %d", name, i)
			}
			l.Set(key(i), &i)
		}
		if l.Get([]byte(key(test.keys-1))) == nil || l.Get([]byte(key(0))) != nil {
			t.Errorf("%s: the last key is missing, or the first is still there", name)
		}
		if forgotten[0] != 1 || forgotten[used] > 0 {
			t.Errorf("%s: the first key was forgotten %d times, the key in use %d times", name, forgotten[0], forgotten[used])
		}
	}
}

// A Ring keeps the last ones.
func TestRing(t *testing.T) {
	t.Parallel()
	for most := range int64(5) {
		r := bounded.Ring[int]{Most: most}
		var added []int
		for i := range 12 {
			last := added[max(0, len(added)-int(most)):]
			if got := r.All(); !slices.Equal(got, last) || r.Full() != (len(last) == int(most)) {
				t.Errorf("the last %d of %v: %v, full: %v", most, added, got, r.Full())
			}
			if len(last) > 0 && r.Oldest() != last[0] {
				t.Errorf("the oldest of %v: %d", last, r.Oldest())
			}
			added = append(added, i)
			r.Add(i)
		}
	}
}
