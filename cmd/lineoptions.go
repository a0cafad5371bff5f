package cmd

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"auditctl/pkg/events"
)

// lineOptions are the flags of every command that reads lines.
type lineOptions struct {
	mode    invalidMode
	rejects string
	max     int
}

func (o *lineOptions) register(cmd *cobra.Command) {
	o.max = events.DefaultMaxLine
	fs := cmd.Flags()
	fs.Var(&o.mode, "invalid", "what to do about lines that are not events: report, skip or fail")
	fs.StringVar(&o.rejects, "rejects", "", "also write lines that are not events to `DEST`")
	fs.Var((*sizeValue)(&o.max), "max-line", "longest line; a longer one is invalid")
	completeWords(cmd, "invalid", invalidModes[:]...)
}

// An invalidMode says what invalid lines do to a run. The zero value reports.
type invalidMode int

const (
	invalidReport invalidMode = iota
	invalidSkip
	invalidFail
)

var invalidModes = [...]string{"report", "skip", "fail"}

var _ pflag.Value = (*invalidMode)(nil)

func (m *invalidMode) String() string { return invalidModes[*m] }
func (m *invalidMode) Type() string   { return "MODE" }

func (m *invalidMode) Set(text string) error {
	for i, mode := range invalidModes {
		if text == mode {
			*m = invalidMode(i)
			return nil
		}
	}
	return fmt.Errorf("want report, skip or fail")
}

// A sizeValue is a number of bytes as a flag: 65536, 64K, 64KiB, 1M, 2G; the
// letters are powers of 1024.
type sizeValue int

func (v *sizeValue) Type() string { return "SIZE" }

func (v *sizeValue) String() string {
	n := int(*v)
	for _, unit := range []string{"", "KiB", "MiB"} {
		if n == 0 || n%1024 != 0 {
			return strconv.Itoa(n) + unit
		}
		n /= 1024
	}
	return strconv.Itoa(n) + "GiB"
}

func (v *sizeValue) Set(text string) error {
	digits := strings.TrimRight(text, "KMGiBkmgb")
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n <= 0 {
		return fmt.Errorf("want a number of bytes, as in 65536, 64K or 1MiB")
	}
	shift := 0
	switch strings.ToUpper(strings.TrimSuffix(strings.TrimSuffix(text[len(digits):], "B"), "i")) {
	case "":
	case "K":
		shift = 10
	case "M":
		shift = 20
	case "G":
		shift = 30
	default:
		return fmt.Errorf("unknown unit %q: want K, M or G", text[len(digits):])
	}
	if n > math.MaxInt32>>shift {
		return fmt.Errorf("want less than 2GiB")
	}
	*v = sizeValue(n << shift)
	return nil
}
