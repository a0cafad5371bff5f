// Package rotated names the rotated files of a log and recognizes their names: FILE.1,
// the newest, FILE.2 and so on, as collectors and seals number them, and the names that
// other programs give, with a date or otherwise. Any may be compressed, which adds a
// suffix. Collectors, followers and seals all use it, so that they agree about which files
// belong to a log, and which are only kept beside it.
package rotated

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"auditctl/pkg/compress"
)

// Suffixes of files kept beside a log.
const (
	Torn        = ".torn"        // a compressed log that was cut off
	Compressing = ".compressing" // a file while it is being compressed
	Erasing     = ".erasing"     // a file while lines of it are erased
	Sidecar     = ".tlog"        // the seals of a log
	Counter     = ".seq"         // the numbers of a log that were given out
)

// Path returns the path of the n-th rotated file, not compressed.
func Path(path string, n int) string { return fmt.Sprintf("%s.%d", path, n) }

// Number returns the number of a file of the log called base, compressed or not, by its
// name in the log's directory: 0 for the log itself, n for the n-th rotated file. It
// returns false for other names.
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

// number returns the number in a suffix such as .1. It may be 0, with which some programs
// begin.
func number(suffix string) (n int, ok bool) {
	digits, ok := strings.CutPrefix(suffix, ".")
	n, err := strconv.Atoi(digits)
	return n, ok && err == nil && n >= 0 && strconv.Itoa(n) == digits
}

// A Name is the name of what may be a rotated file of a log.
type Name struct {
	// Plain is the name without the suffix of compression, and Suffix that suffix. Only
	// files with that of a [compress.Format] can be read.
	Plain, Suffix string

	// Number is the number in a name such as FILE.1; the newest file has the lowest. It
	// is -1 if the name has a date instead, as FILE-20260310, or is Odd: neither.
	Number int
	Odd    bool

	// Within says that the number or date is before FILE's extension, as in
	// NAME-20260310.EXT. Files of other logs may have such names, too.
	Within bool
}

// compressedSuffixes are the suffixes of compressed files, whether we can read them or
// not.
var compressedSuffixes = []string{string(compress.Gzip), string(compress.Zstd), ".xz", ".bz2", ".lz4", ".lzma", ".zip", ".Z"}

// Parse parses the name of a file in the directory of the log called base. It returns
// false for the log itself, files kept beside it, and files of other logs.
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
