package events_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"auditctl/pkg/events"
)

func TestMetadata(t *testing.T) {
	var m events.Metadata
	m.Set("b", 1)
	m.Set("a", 2)
	m.Set("b", nil)
	if want := (events.Metadata{{"b", nil}, {"a", 2}}); !reflect.DeepEqual(m, want) {
		t.Errorf("Set: %v, want %v", m, want)
	}
	for _, tc := range []struct {
		key   string
		value any
		ok    bool
	}{{"a", 2, true}, {"b", nil, true}, {"c", nil, false}} {
		if value, ok := m.Lookup(tc.key); value != tc.value || ok != tc.ok {
			t.Errorf("Lookup(%s) = %v, %t", tc.key, value, ok)
		}
	}
}

// If a key appears twice, the last one counts, before it is written as after.
func TestMetadataWithAKeyTwice(t *testing.T) {
	r := events.NewBase()
	r.Metadata = events.Metadata{{"k", "first"}, {"k", "last"}}
	written := must(events.New(r)).Lookup("metadata").Lookup("k").String()
	if value, _ := r.Metadata.Lookup("k"); value != written {
		t.Errorf("Lookup finds %v, a reader of the line %s", value, written)
	}
}

// In other JSON, metadata looks as it does in the line of an event.
func TestMetadataAsJSON(t *testing.T) {
	const text = `{"b": 1.50, "a": {"d": [null, true], "c": "\u00e9"}}`
	var m events.Metadata
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		t.Fatal(err)
	}
	want := events.Metadata{{"b", json.Number("1.50")}, {"a", events.Metadata{{"d", []any{nil, true}}, {"c", "é"}}}}
	if !reflect.DeepEqual(m, want) {
		t.Errorf("Unmarshal: %#v, want %#v", m, want)
	}
	got, err := json.Marshal(m)
	if err != nil || string(got) != `{"b":1.50,"a":{"d":[null,true],"c":"\u00e9"}}` {
		t.Errorf("Marshal: %s, %v", got, err)
	}
	if err := json.Unmarshal([]byte("null"), &m); err != nil || !reflect.DeepEqual(m, want) {
		t.Errorf("null: %v, %v", m, err)
	}
	for _, other := range []string{`[]`, `"{}"`, `7`, `true`} {
		if err := json.Unmarshal([]byte(other), &m); err == nil {
			t.Errorf("%s was taken for metadata", other)
		}
	}
}
