package sequence

import "math"

// Bounds of a [Tracker].
const (
	// MaxCounts is how many counts are tracked, of names of at most MaxName bytes.
	MaxCounts = 10_000
	MaxName   = 256

	// MaxListed is how many gaps of a count, and how many stretches of numbers that are
	// there twice, are listed. All are counted.
	MaxListed = 100
)

// A Tracker finds the gaps in counts, and the numbers that are there twice, in any order
// and in bounded memory. A count is known by a name, such as that of an [Epoch] or a
// session. The zero Tracker is ready to use.
//
// Memory limits how far out of order numbers may come. While a count has no more than a
// thousand gaps, their order does not matter. With more, the lowest gaps are taken as
// settled, and of a number that comes later still it is only known that it was late.
type Tracker struct {
	counts map[string]*count
	order  []*count
	ranges int // of all counts
	others int64
}

// A Count is what is known of one count.
type Count struct {
	Name  string `json:"name"`
	First int64  `json:"first"` // the lowest number
	Last  int64  `json:"last"`  // the highest

	Numbers int64 `json:"numbers"` // how many were added
	Missing int64 `json:"missing"` // how many between First and Last were not
	Twice   int64 `json:"twice"`   // how many were added before

	// Late is how many came so late that it is not known whether they were missing or are
	// there twice: so many less may be missing.
	Late int64 `json:"late"`

	// The gaps and the stretches of numbers that are there twice, lowest first, as far as
	// they are listed. MoreGaps counts the gaps that are not.
	Gaps     []Range `json:"gaps"`
	MoreGaps int64   `json:"more_gaps"`
	Doubles  []Range `json:"doubles"`
}

// Add adds a number of a count. Numbers are not negative.
func (t *Tracker) Add(name []byte, n int64) {
	c := t.counts[string(name)]
	if c == nil {
		if len(t.order) == MaxCounts || len(name) > MaxName {
			t.others++
			return
		}
		if t.counts == nil {
			t.counts = map[string]*count{}
		}
		c = &count{name: string(name), settled: math.MinInt64}
		t.counts[c.name] = c
		t.order = append(t.order, c)
	}
	before := len(c.seen)
	c.add(n)
	t.ranges += len(c.seen) - before
	if len(c.seen) > maxRanges || t.ranges > maxAllRanges && len(c.seen) > minRanges {
		before = len(c.seen)
		c.settle()
		t.ranges += len(c.seen) - before
	}
}

// Counts returns the counts in the order in which they began.
func (t *Tracker) Counts() []Count {
	all := make([]Count, len(t.order))
	for i, c := range t.order {
		all[i] = c.report()
	}
	return all
}

// Others returns how many numbers were not tracked, because there are too many counts or
// the name is too long.
func (t *Tracker) Others() int64 { return t.others }

// Limits of the ranges that are kept: of a count, of all counts together, and of a count
// once these are too many.
const (
	maxRanges    = 1000
	maxAllRanges = 100_000
	minRanges    = 4
)

// A count is a count that is tracked.
type count struct {
	name  string
	first int64
	seen  []Range // in order, with gaps between them; none is at or below settled

	// settled is the highest number below which gaps are settled: missing and so many gaps
	// are, of which some are listed.
	settled int64
	missing int64
	gaps    int64
	listed  []Range

	numbers, twice, late int64
	doubles              []Range // in order, with gaps between them
}

func (c *count) add(n int64) {
	if c.numbers == 0 || n < c.first {
		c.first = n
	}
	c.numbers++
	switch k := len(c.seen); {
	case k > 0 && c.seen[k-1].Last == n-1: // nearly always
		c.seen[k-1].Last = n
	case n <= c.settled:
		c.late++
	default:
		var had bool
		if c.seen, had = insert(c.seen, n, math.MaxInt); had {
			c.twice++
			c.doubles, _ = insert(c.doubles, n, MaxListed)
		}
	}
}

// settle settles the lower half of the gaps.
func (c *count) settle() {
	half := len(c.seen) / 2
	c.eachGap(c.seen[:half], func(gap Range) {
		c.missing += gap.Len()
		c.gaps++
		if len(c.listed) < MaxListed {
			c.listed = append(c.listed, gap)
		}
	})
	c.settled = c.seen[half-1].Last
	c.seen = append(c.seen[:0], c.seen[half:]...)
}

// eachGap calls do for the gaps before the ranges and between them.
func (c *count) eachGap(seen []Range, do func(Range)) {
	last := c.settled
	for _, r := range seen {
		if last != math.MinInt64 && r.First-1 > last {
			do(Range{last + 1, r.First - 1})
		}
		last = r.Last
	}
}

func (c *count) report() Count {
	r := Count{
		Name: c.name, First: c.first, Last: c.settled,
		Numbers: c.numbers, Missing: c.missing, Twice: c.twice, Late: c.late,
		Gaps: append([]Range{}, c.listed...), MoreGaps: c.gaps - int64(len(c.listed)),
		Doubles: append([]Range{}, c.doubles...),
	}
	if k := len(c.seen); k > 0 {
		r.Last = c.seen[k-1].Last
	}
	c.eachGap(c.seen, func(gap Range) {
		r.Missing += gap.Len()
		if len(r.Gaps) < MaxListed {
			r.Gaps = append(r.Gaps, gap)
		} else {
			r.MoreGaps++
		}
	})
	return r
}
