package metadata_test

import (
	"testing"

	"auditctl/pkg/events"
	"auditctl/pkg/internal/metadata"
)

// Members are set with white space as the line has it, and no other byte changes.
func TestAppend(t *testing.T) {
	a, b := metadata.Member{Key: "a", Value: []byte("1")}, metadata.Member{Key: "b", Value: []byte(`"2"`)}
	for _, c := range []struct{ line, want string }{
		{`{"event_type": "x"}`, `{"event_type": "x", "metadata": {"a": 1, "b": "2"}}`},
		{`{"event_type":"x" } `, `{"event_type":"x","metadata":{"a":1,"b":"2"} } `},
		{`{"metadata": null, "event_type": "x"}`, `{"metadata": {"a": 1, "b": "2"}, "event_type": "x"}`},
		{`{"event_type": "x", "metadata": { }}`, `{"event_type": "x", "metadata": {"a": 1, "b": "2" }}`},
		{`{"event_type": "x", "metadata": {"c": "a" }}`, `{"event_type": "x", "metadata": {"c": "a", "a": 1, "b": "2" }}`},

		// Those that are there are replaced, however they are spelled.
		{`{"event_type": "x", "metadata": {"b": [3], "a" : 4}}`, `{"event_type": "x", "metadata": {"b": "2", "a" : 1}}`},
		{`{"event_type": "x", "metadata": {"\u0061": 4, "c": 5 }}`, `{"event_type": "x", "metadata": {"\u0061": 1, "c": 5, "b": "2" }}`},
		{`{"event_type": "x", "metadata": {"a": 3, "a": 4}}`, `{"event_type": "x", "metadata": {"a": 3, "a": 1, "b": "2"}}`},
		{`{"event_type": "x", "metadata": {"c": {"a": 3}}}`, `{"event_type": "x", "metadata": {"c": {"a": 3}, "a": 1, "b": "2"}}`},
		{`{"event_type": "x", "metadata": {"\\": {}}}`, `{"event_type": "x", "metadata": {"\\": {}, "a": 1, "b": "2"}}`},

		// Of doubled keys the last counts.
		{`{"metadata": {}, "event_type": "x", "metadata": {"a": 3}}`, `{"metadata": {}, "event_type": "x", "metadata": {"a": 1, "b": "2"}}`},

		// There is no place for members.
		{`{"event_type": "x", "metadata": [1]}`, ``},
		{`{"event_type": "x", "metadata": "y"}`, ``},
		{`{"event_type": 1}`, ``},
		{`{"a": 1}`, ``},
	} {
		var s events.Scanner
		if err := s.Scan([]byte(c.line)); err != nil {
			t.Fatalf("%s: %v", c.line, err)
		}
		got, ok := metadata.Append([]byte("> "), &s, a, b)
		if string(got) != "> "+c.want || ok != (c.want != "") {
			t.Errorf("%s\nis   %s, %v\nwant %s", c.line, got, ok, c.want)
		}
	}
}
