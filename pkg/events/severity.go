package events

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

// Rank returns the place of s among [Severities], from 1, and 0 for anything
// else.
func (s Severity) Rank() int {
	switch s {
	case SeverityDebug:
		return 1
	case SeverityInfo:
		return 2
	case SeverityWarning:
		return 3
	case SeverityError:
		return 4
	case SeverityCritical:
		return 5
	}
	return 0
}
