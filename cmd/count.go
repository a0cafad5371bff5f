package cmd

import (
	"errors"
	"strconv"
)

// A countValue is a flag for a number of events, negative if it was not given.
type countValue int64

func (v *countValue) Type() string { return "N" }

func (v *countValue) String() string {
	if *v < 0 {
		return ""
	}
	return strconv.FormatInt(int64(*v), 10)
}

func (v *countValue) Set(text string) error {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return errors.New("want a number, zero or more")
	}
	*v = countValue(n)
	return nil
}
