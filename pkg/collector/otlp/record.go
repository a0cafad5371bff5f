package otlp

// A record is a log record of OTLP.
type record struct {
	time, observed  uint64 // nanoseconds since 1970
	severity        uint64 // the number
	severityText    string
	eventName       string
	body            value
	attributes      []attribute
	traceID, spanID []byte
}

// An attribute is a key and a value, of a record, a resource or a list of them.
type attribute struct {
	key   string
	value value
}

// A value is a string, bool, int64, float64, []byte, []value or []attribute, or nil, the
// empty value. Strings are UTF-8.
type value any

// Records that are sent together are of one resource and one scope.
type records struct {
	resource     []attribute
	scopeVersion string
	list         []record
}

const scopeName = "auditctl"
