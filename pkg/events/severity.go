package events

import "slices"

// A Severity is how grave an event is.
type Severity string

// The severities, from the least to the most grave.
const (
	SeverityDebug    Severity = "debug"
	SeverityInfo     Severity = "info"
	SeverityWarning  Severity = "warning"
	SeverityError    Severity = "error"
	SeverityCritical Severity = "critical"
)

// Severities returns all severities, from the least to the most grave.
func Severities() []Severity {
	return []Severity{SeverityDebug, SeverityInfo, SeverityWarning, SeverityError, SeverityCritical}
}

// ParseSeverity returns the severity that text means, and whether it means one. It reads
// what syslog and logging libraries write, in any case:
//
//	debug     debug, dbg, trace, verbose
//	info      info, inf, information, informational, notice
//	warning   warning, warn, wrn
//	error     error, err, severe
//	critical  critical, crit, fatal, alert, emergency, emerg, panic, dpanic
func ParseSeverity(text string) (Severity, bool) {
	var buf [len("informational")]byte
	if len(text) > len(buf) {
		return "", false
	}
	lower := buf[:len(text)]
	for i := range lower {
		lower[i] = text[i]
		if 'A' <= text[i] && text[i] <= 'Z' {
			lower[i] += 'a' - 'A'
		}
	}
	switch string(lower) {
	case "debug", "dbg", "trace", "verbose":
		return SeverityDebug, true
	case "info", "inf", "information", "informational", "notice":
		return SeverityInfo, true
	case "warning", "warn", "wrn":
		return SeverityWarning, true
	case "error", "err", "severe":
		return SeverityError, true
	case "critical", "crit", "fatal", "alert", "emergency", "emerg", "panic", "dpanic":
		return SeverityCritical, true
	}
	return "", false
}

// Rank returns the place among [Severities], from 1, of what s means, see
// [ParseSeverity], and 0 if it means none.
func (s Severity) Rank() int {
	switch s { // with all five it would not be inlined
	case SeverityDebug:
		return 1
	case SeverityInfo:
		return 2
	case SeverityWarning:
		return 3
	case SeverityError:
		return 4
	}
	return s.rankOfOther()
}

func (s Severity) rankOfOther() int {
	meant, _ := ParseSeverity(string(s))
	return 1 + slices.Index(Severities(), meant)
}
