package rotated

import (
	"slices"
	"strings"
)

// minDate is the least number of digits in a date. A number has fewer.
const minDate = 6

// isDate reports whether a suffix is a date, perhaps with more numbers.
func isDate(suffix string) bool {
	digits := 0
	for _, c := range suffix {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case !strings.ContainsRune("-_.:+TZ", c):
			return false
		}
	}
	return digits >= minDate
}

// asideSuffixes are those of files that we and other programs keep beside a log but that
// hold none of its lines.
var asideSuffixes = []string{Torn, Compressing, Erasing, Sidecar, Counter, ".idx", ".rejects", ".bak", ".repairing", ".orig", ".tmp", ".part", ".swp"}

func isAside(suffix string) bool {
	return strings.HasSuffix(suffix, "~") || slices.ContainsFunc(strings.Split(suffix, "."), func(part string) bool {
		return slices.Contains(asideSuffixes, "."+part)
	})
}

// Compare orders names alphabetically, but numbers in them by value.
func Compare(a, b string) int {
	number := func(s string) (digits string) {
		return s[:len(s)-len(strings.TrimLeft(s, "0123456789"))]
	}
	for a != "" && b != "" {
		x, y := number(a), number(b)
		if x == "" || y == "" {
			if a[0] != b[0] {
				return int(a[0]) - int(b[0])
			}
			a, b = a[1:], b[1:]
			continue
		}
		a, b = a[len(x):], b[len(y):]
		x, y = strings.TrimLeft(x, "0"), strings.TrimLeft(y, "0")
		if c := len(x) - len(y); c != 0 {
			return c
		}
		if c := strings.Compare(x, y); c != 0 {
			return c
		}
	}
	return len(a) - len(b)
}
