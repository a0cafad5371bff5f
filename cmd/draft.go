package cmd

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"auditctl/pkg/events"
	"auditctl/pkg/selection"
	"auditctl/pkg/zone"
)

// A draft is an unfinished JSON object, without its closing brace.
type draft []byte

func (d *draft) set(key string, raw []byte) {
	*d = append(*d, ", "...)
	*d = append(*d, quote(key)...)
	*d = append(*d, ": "...)
	*d = append(*d, raw...)
}

// quote returns text as a JSON string; invalid UTF-8 becomes U+FFFD.
func quote(text string) []byte {
	raw, err := json.Marshal(text)
	if err != nil {
		panic(err) // strings never fail
	}
	return raw
}

// draft starts an event of a type with the values of the common flags.
func (o *emitOptions) draft(eventType string, changed func(flag string) bool, now time.Time) (draft, error) {
	d := append(draft(`{"event_type": `), quote(eventType)...)
	for _, id := range []struct{ key, flag, variable, value string }{
		{"agent_id", "agent-id", EnvVar("AGENT_ID"), o.agentID},
		{"turn_id", "turn-id", EnvVar("TURN_ID"), o.turnID},
		{"session_id", "session-id", EnvVar("SESSION_ID"), o.sessionID},
	} {
		switch variable := os.Getenv(id.variable); {
		case changed(id.flag):
			d.set(id.key, quote(id.value))
		case variable != "":
			d.set(id.key, quote(variable))
		case id.key == "turn_id" && eventType == events.TypeTurnStart:
			d.set(id.key, quote(newID()))
		}
	}
	if o.severity != "" {
		severity, ok := events.ParseSeverity(o.severity)
		if !ok {
			return nil, usagef("--severity %q: %w", o.severity, notOneOf(o.severity, severityNames()...))
		}
		d.set("severity", quote(string(severity)))
	}
	if o.timestamp != "" {
		at, _, err := selection.ParseTime(o.timestamp, now, zone.Local)
		if err != nil {
			return nil, wrongWord("timestamp", o.timestamp, timeWords[:], err)
		}
		d.set("timestamp", quote(at.Format(time.RFC3339Nano)))
	}
	var metadata events.Metadata
	if o.metadataJSON != "" {
		object, err := parseJSON(o.metadataJSON)
		if err != nil || object.Kind() != events.Object {
			return nil, usagef("--metadata-json %q: want a JSON object", o.metadataJSON)
		}
		for key, value := range object.Members() {
			metadata.Set(string(key), value)
		}
	}
	for _, pair := range o.metadata {
		key, value, ok := strings.Cut(pair, "=")
		if !ok {
			return nil, usagef("--metadata %q: want KEY=VALUE", pair)
		}
		metadata.Set(key, value)
	}
	raw, err := metadata.MarshalJSON()
	if err != nil {
		return nil, err
	}
	d.set("metadata", raw)
	return d, nil
}

// newID returns 12 hexadecimal digits, as calute makes them.
func newID() string {
	return fmt.Sprintf("%012x", rand.Uint64()>>16)
}

// parseJSON checks that text is one JSON value.
func parseJSON(text string) (events.Value, error) {
	raw := strings.Trim(text, " \t\r\n")
	if !utf8.ValidString(raw) || !json.Valid([]byte(raw)) {
		return nil, fmt.Errorf("%q is not JSON", text)
	}
	return events.Value(raw), nil
}
