package otlpreceiver

// Decode returns what a request with a body becomes.
func Decode(body []byte, json bool) (lines []string, err error) {
	r := New(nil)
	q := &Request{receiver: r, json: json, body: body}
	if err := r.check(q); err != nil {
		return nil, err
	}
	for line := range q.Lines() {
		lines = append(lines, string(line))
	}
	return lines, nil
}

// SplitFrom is the size from which a request becomes several lines.
const SplitFrom = splitFrom
