package seal

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// A LineRange is the lines from First to Last, counted from 1.
type LineRange struct{ First, Last int64 }

// Lines is a set of lines: ranges in order, of which none overlaps or follows directly
// after another.
type Lines []LineRange

// LinesOf returns the lines that are in any of the ranges.
func LinesOf(ranges ...LineRange) Lines {
	slices.SortFunc(ranges, func(a, b LineRange) int { return cmp.Compare(a.First, b.First) })
	var all Lines
	for _, r := range ranges {
		if last := len(all) - 1; last >= 0 && r.First-1 <= all[last].Last {
			all[last].Last = max(all[last].Last, r.Last)
		} else {
			all = append(all, r)
		}
	}
	return all
}

// appendLine appends a line to ranges, if they do not end with the line before it.
func appendLine(ranges []LineRange, line int64) []LineRange {
	if last := len(ranges) - 1; last >= 0 && ranges[last].Last == line-1 {
		ranges[last].Last = line
		return ranges
	}
	return append(ranges, LineRange{line, line})
}

var errLines = errors.New("want numbers of lines, counted from 1, and ranges of them, such as 3,17-20")

// ParseLines parses numbers and ranges of lines, such as 3,17-20, in any order.
func ParseLines(text string) (Lines, error) {
	var ranges []LineRange
	for _, part := range strings.Split(text, ",") {
		from, to, isRange := strings.Cut(strings.TrimSpace(part), "-")
		if !isRange {
			to = from
		}
		first, err := strconv.ParseUint(from, 10, 63)
		last, lastErr := strconv.ParseUint(to, 10, 63)
		switch {
		case errors.Is(cmp.Or(err, lastErr), strconv.ErrRange):
			return nil, fmt.Errorf("%s: no log has that many lines", part)
		case err != nil || lastErr != nil || first == 0:
			return nil, fmt.Errorf("%q: %w", text, errLines)
		case last < first:
			return nil, fmt.Errorf("%s: the range ends before it begins", part)
		}
		ranges = append(ranges, LineRange{int64(first), int64(last)})
	}
	return LinesOf(ranges...), nil
}

// String returns the lines as [ParseLines] parses them.
func (l Lines) String() string { return string(l.appendTo(nil)) }

func (l Lines) appendTo(text []byte) []byte {
	for i, r := range l {
		if i > 0 {
			text = append(text, ',')
		}
		text = strconv.AppendInt(text, r.First, 10)
		if r.Last > r.First {
			text = strconv.AppendInt(append(text, '-'), r.Last, 10)
		}
	}
	return text
}

// Count returns how many lines there are.
func (l Lines) Count() (n int64) {
	for _, r := range l {
		n += r.Last - r.First + 1
	}
	return n
}

// Has reports whether a line is one of them.
func (l Lines) Has(line int64) bool { return l.intersects(line, line) }

// intersects reports whether any of the lines from first to last is one of them.
func (l Lines) intersects(first, last int64) bool {
	i := l.from(first)
	return i < len(l) && l[i].First <= last
}

// last returns the last one, 0 if there is none.
func (l Lines) last() int64 {
	if len(l) == 0 {
		return 0
	}
	return l[len(l)-1].Last
}

// from returns the index of the first range that ends with a line or after it.
func (l Lines) from(line int64) int {
	return sort.Search(len(l), func(i int) bool { return l[i].Last >= line })
}

// within returns those lines that are from first to last.
func (l Lines) within(first, last int64) (within Lines) {
	for _, r := range l[l.from(first):] {
		if r.First > last {
			break
		}
		within = append(within, LineRange{max(r.First, first), min(r.Last, last)})
	}
	return within
}

// without returns the lines that are not among others.
func (l Lines) without(others Lines) (left Lines) {
	for _, r := range l {
		for _, o := range others[others.from(r.First):] {
			if o.First > r.Last {
				break
			}
			if o.First > r.First {
				left = append(left, LineRange{r.First, o.First - 1})
			}
			r.First = o.Last + 1
		}
		if r.First <= r.Last {
			left = append(left, r)
		}
	}
	return left
}
