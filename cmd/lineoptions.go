package cmd

import (
	"errors"
	"math"
	"runtime"
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
	jobs    int
}

func (o *lineOptions) register(cmd *cobra.Command) {
	o.max = events.DefaultMaxLine
	fs := cmd.Flags()
	fs.Var(&o.mode, "invalid", "what to do about lines that are not events: report, skip or fail")
	fs.StringVar(&o.rejects, "rejects", "", "also write lines that are not events to `DEST`")
	fs.Var((*sizeValue)(&o.max), "max-line", "longest line; a longer one is invalid")
	fs.IntVarP(&o.jobs, "jobs", "j", runtime.GOMAXPROCS(0), "how many processors check lines at once")
	fs.Lookup("jobs").DefValue = "all"
	offerWords(cmd, "invalid", invalidModes[:]...)
}

// An invalidMode says what invalid lines do to a run. The zero value reports.
type invalidMode int

const (
	reportInvalid invalidMode = iota
	skipInvalid
	failInvalid
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
	return errors.New("want report, skip or fail")
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

// sizeUnits are the powers of two that units stand for.
var sizeUnits = map[string]int{
	"": 0, "B": 0, "K": 10, "KB": 10, "KIB": 10, "M": 20, "MB": 20, "MIB": 20, "G": 30, "GB": 30, "GIB": 30,
}

func (v *sizeValue) Set(text string) error {
	digits := text[:len(text)-len(strings.TrimLeft(text, "0123456789"))]
	shift, ok := sizeUnits[strings.ToUpper(text[len(digits):])]
	n, err := strconv.ParseInt(digits, 10, 64)
	switch {
	case err != nil || n <= 0 || !ok:
		return errors.New("want a number of bytes, as in 65536, 64K or 1MiB")
	case n > math.MaxInt32>>shift:
		return errors.New("want less than 2GiB")
	}
	*v = sizeValue(n << shift)
	return nil
}
