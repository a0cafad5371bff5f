// Package rotated has the names of files that were moved away from a log: FILE.1,
// the newest, FILE.2 and so on, as collectors move them and seals number them, and
// those that other programs give, with a date or in another way. Any may be compressed,
// which adds a suffix. It promises collectors, followers and seals that they name and
// know the same files, and take none that is kept beside a log for one of its own.
package rotated

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"auditctl/pkg/compress"
)

// Suffixes of what is kept beside a log.
const (
	Torn        = ".torn"        // a log that ended within compressed data
	Compressing = ".compressing" // what a file is compressed into
	Sidecar     = ".tlog"        // the seals of a log
)

// Path returns the name of the n-th file that was moved away from a path, not
// compressed.
func Path(path string, n int) string { return fmt.Sprintf("%s.%d", path, n) }

// Number returns which file of the log called base has a name in its directory,
// compressed or not: 0 is the log itself, n the n-th file that was moved away. It is
// false for other names.
func Number(base, name string) (n int, ok bool) {
	if name == base {
		return 0, true
	}
	suffix, ok := strings.CutPrefix(strings.TrimSuffix(name, string(compress.ByName(name))), base)
	if !ok {
		return 0, false
	}
	n, ok = number(suffix)
	return n, ok && n > 0
}

// number returns the number in a suffix such as .1, also that of .0, which some
// programs begin with.
func number(suffix string) (n int, ok bool) {
	digits, ok := strings.CutPrefix(suffix, ".")
	n, err := strconv.Atoi(digits)
	return n, ok && err == nil && n >= 0 && strconv.Itoa(n) == digits
}

// A Name is the name of a file that may have been moved away from a log.
type Name struct {
	// Plain is the name before it was compressed, and Suffix what it got then: one
	// of many, of which only those of [compress.Format] can be read.
	Plain, Suffix string

	// Number is that of FILE.1, of which the lowest is the newest; -1 where the
	// name has a date, as FILE-20260310, or is Odd: something else.
	Number int
	Odd    bool

	// Within says that the number or date is in FILE's name, before its extension,
	// where other logs may have one as well.
	Within bool
}

// compressedSuffixes are those of compressed files.
var compressedSuffixes = []string{string(compress.Gzip), string(compress.Zstd), ".xz", ".bz2", ".lz4", ".lzma", ".zip", ".Z"}

// Parse returns what a name in the directory of the log called base says. It is false
// for the log itself, for what is kept beside it, and for what has another log's name.
func Parse(base, name string) (n Name, ok bool) {
	n = Name{Plain: name, Number: -1}
	for _, suffix := range compressedSuffixes {
		if plain, ok := strings.CutSuffix(name, suffix); ok {
			n.Plain, n.Suffix = plain, suffix
		}
	}
	suffix, ok := strings.CutPrefix(n.Plain, base)
	if !ok {
		ext := filepath.Ext(base)
		if suffix, ok = strings.CutPrefix(n.Plain, strings.TrimSuffix(base, ext)); !ok || ext == "" {
			return n, false
		}
		if suffix, ok = strings.CutSuffix(suffix, ext); !ok {
			return n, false
		}
		n.Within = true
	}
	if suffix == "" {
		return n, false
	}
	if number, ok := number(suffix); ok && len(suffix)-len(".") < minDate {
		n.Number = number
		return n, true
	}
	n.Odd = !isDate(suffix)
	return n, !n.Odd || !n.Within && !isAside(suffix)
}
