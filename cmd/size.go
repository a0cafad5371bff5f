package cmd

import (
	"errors"
	"math"
	"strconv"
	"strings"

	"auditctl/cmd/internal/report"
)

// A sizeValue is a number of bytes as a flag: 65536, 64K, 64KiB, 1M, 2G; the
// letters are powers of 1024. Zero is none.
type sizeValue int64

func (v *sizeValue) Type() string { return "SIZE" }

func (v *sizeValue) String() string {
	if *v == 0 {
		return ""
	}
	return report.Size(int64(*v))
}

func (v *sizeValue) Set(text string) error {
	n, err := parseSize(text)
	if err == nil {
		*v = sizeValue(n)
	}
	return err
}

// sizeUnits maps units to powers of two.
var sizeUnits = map[string]int{
	"": 0, "B": 0, "K": 10, "KB": 10, "KIB": 10, "M": 20, "MB": 20, "MIB": 20, "G": 30, "GB": 30, "GIB": 30,
}

func parseSize(text string) (int64, error) {
	digits := text[:len(text)-len(strings.TrimLeft(text, "0123456789"))]
	shift, ok := sizeUnits[strings.ToUpper(text[len(digits):])]
	n, err := strconv.ParseInt(digits, 10, 64)
	switch {
	case errors.Is(err, strconv.ErrRange), err == nil && n > math.MaxInt64>>shift:
		return 0, errors.New("want less")
	case err != nil || n <= 0 || !ok:
		return 0, errors.New("want a size such as 65536, 64K or 1MiB")
	}
	return n << shift, nil
}
