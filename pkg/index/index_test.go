package index_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"auditctl/pkg/index"
)

// write writes a log and returns its path.
func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "audit.jsonl")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// open opens the index of a log.
func open(t *testing.T, path string) (*index.Index, error) {
	t.Helper()
	log, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { log.Close() })
	ix, err := index.Open(log, index.Name(path))
	if err == nil {
		t.Cleanup(func() { ix.Close() })
	}
	return ix, err
}

// line returns an event's line with a type, an agent and a turn.
func line(typ, agent, turn string) string {
	return fmt.Sprintf(`{"event_type":%q,"timestamp":"2026-03-09T08:00:00Z","agent_id":%q,"turn_id":%q}`+"\n", typ, agent, turn)
}

func TestMakeAndOpen(t *testing.T) {
	var text strings.Builder
	for i := range 20_000 {
		typ := "error"
		if i == 15_000 {
			typ = "rare"
		}
		text.WriteString(line(typ, "a", fmt.Sprint(i/10)))
	}
	path := write(t, text.String()+`{"event_type":"unended"}`)
	if _, err := index.Make(t.Context(), path, nil); err != nil {
		t.Fatal(err)
	}
	ix, err := open(t, path)
	if err != nil {
		t.Fatal(err)
	}
	if ix.Grown() || ix.End() != int64(text.Len()) {
		t.Errorf("grown: %t, up to %d, want %d", ix.Grown(), ix.End(), text.Len())
	}
	var events int64
	rare, turn := 0, 0
	for i := range ix.Blocks() {
		b := &ix.Blocks()[i]
		events += b.Events
		if b.May("event_type", "rare") {
			rare++
		}
		if b.May("turn_id", "1234") {
			turn++
		}
		if !b.May("metadata", "x") || b.May("agent_id", "b") {
			t.Errorf("block %d: of metadata and agent_id", i)
		}
	}
	if events != 20_000 || rare != 1 || turn != 1 || len(ix.Blocks()) < 2 {
		t.Errorf("%d events in %d blocks, %d with the type, %d with the turn", events, len(ix.Blocks()), rare, turn)
	}
}
