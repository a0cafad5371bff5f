// Package zone finds the time zone that the environment asks for, as date(1) and
// the C library do. Package time takes a zone that it cannot find for UTC without a
// word, and knows no rules as POSIX has them.
//
// A program without time zone files on its machine finds those of time/tzdata, if it
// imports that.
package zone

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"
)

// Local returns the zone that the environment variable TZ is set to, see [Load], and
// where it is not set that of the machine.
func Local() (*time.Location, error) {
	if tz, ok := os.LookupEnv("TZ"); ok {
		return Load(tz)
	}
	if runtime.GOOS == "windows" {
		return time.Local, nil
	}
	return machine("/etc/localtime")
}

// machine returns the zone of a machine, of which localtime is the file or a link to
// it; without one, what package time takes it for.
func machine(localtime string) (*time.Location, error) {
	data, err := os.ReadFile(localtime)
	if err == nil {
		zone, err := time.LoadLocationFromTZData("Local", data)
		if err != nil {
			return nil, fmt.Errorf("the time zone: %s: %w", localtime, err)
		}
		return zone, nil
	}
	if to, linkErr := os.Readlink(localtime); linkErr == nil {
		// Where zone files are missing, the link still says which one it is.
		if _, name, ok := strings.Cut(to, "zoneinfo/"); ok {
			if zone, err := time.LoadLocation(name); err == nil {
				return zone, nil
			}
		}
	} else if errors.Is(err, fs.ErrNotExist) {
		return time.Local, nil
	}
	return nil, fmt.Errorf("the time zone: %w: set TZ", err)
}

// Load returns the zone that a value of TZ asks for: a name as Europe/Zurich, the
// path of a file, or a rule of POSIX as CET-1CEST,M3.5.0,M10.5.0/3, each with a colon
// before it or not. Where it is empty, that is UTC.
func Load(tz string) (*time.Location, error) {
	name := strings.TrimPrefix(tz, ":")
	if filepath.IsAbs(name) {
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("TZ=%q: %w", tz, errors.Unwrap(err))
		}
		zone, err := time.LoadLocationFromTZData(name, data)
		if err != nil {
			return nil, fmt.Errorf("TZ=%q: no time zone file", tz)
		}
		return zone, nil
	}
	if name != "Local" {
		if zone, err := time.LoadLocation(name); err == nil {
			return zone, nil
		}
	}
	if regexp.MustCompile(posixRule).MatchString(name) {
		return fromRule(name)
	}
	return nil, fmt.Errorf("TZ=%q: no such time zone: want a name as Europe/Zurich, or a rule as CET-1CEST,M3.5.0,M10.5.0/3", tz)
}

// posixRule matches the rules for zones that POSIX has: STDoffset, and then
// DST[offset] with the dates when that begins and ends, or those of the United States.
const (
	abbreviation = `([A-Za-z]{3,}|<[-+0-9A-Za-z]{3,}>)`
	offset       = `[-+]?([01]?\d|2[0-4])(:[0-5]?\d){0,2}`
	changeDate   = `(J0*([1-9]\d?|[12]\d\d|3[0-5]\d|36[0-5])|0*([12]?\d?\d|3[0-5]\d|36[0-5])|M(0?[1-9]|1[0-2])\.[1-5]\.[0-6])`
	changeTime   = `(/[-+]?(\d{1,2}|1[0-5]\d|16[0-7])(:[0-5]?\d){0,2})?`
	posixRule    = `^` + abbreviation + offset + `(` + abbreviation + `(` + offset + `)?(,` + changeDate + changeTime + `,` + changeDate + changeTime + `)?)?$`
)

// fromRule returns the zone of a rule. Package time reads rules where they stand: at
// the end of a time zone file, for what comes after the changes that it lists.
func fromRule(rule string) (*time.Location, error) {
	header := func(types, chars uint32) []byte {
		h := append([]byte("TZif2"), make([]byte, 15)...)
		for _, count := range []uint32{0, 0, 0, 0, types, chars} {
			h = binary.BigEndian.AppendUint32(h, count)
		}
		return h
	}
	// An empty block of version 1, and one with a zone that the rule replaces.
	file := append(header(0, 0), header(1, 4)...)
	file = append(file, make([]byte, 6)...)
	file = append(file, "UTC\x00\n"+rule+"\n"...)
	return time.LoadLocationFromTZData(rule, file)
}
