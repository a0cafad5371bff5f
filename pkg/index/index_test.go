//go:build unix

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

// openLog opens a log for reading and writing.
func openLog(t *testing.T, path string) *os.File {
	t.Helper()
	log, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { log.Close() })
	return log
}

// open opens the index of a log.
func open(t *testing.T, path string) (*index.Index, error) {
	t.Helper()
	ix, err := index.Open(openLog(t, path), index.Name(path))
	if err == nil {
		t.Cleanup(func() { ix.Close() })
	}
	return ix, err
}

func mustMake(t *testing.T, path string) index.Made {
	t.Helper()
	made, err := index.Make(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func mustOpen(t *testing.T, path string) *index.Index {
	t.Helper()
	ix, err := open(t, path)
	if err != nil {
		t.Fatal(err)
	}
	return ix
}

func appendTo(t *testing.T, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
}

// line returns an event's line with a type, an agent and a turn.
func line(typ, agent, turn string) string {
	return fmt.Sprintf(`{"event_type":%q,"timestamp":"2026-03-09T08:00:00Z","agent_id":%q,"turn_id":%q}`+"\n", typ, agent, turn)
}

// lines returns so many lines, of which turns have ten each, and one has another type.
func lines(n, rare int) string {
	var text strings.Builder
	for i := range n {
		typ := "error"
		if i == rare {
			typ = "rare"
		}
		text.WriteString(line(typ, "a", fmt.Sprint(i/10)))
	}
	return text.String()
}

func TestMakeAndOpen(t *testing.T) {
	text := lines(20_000, 15_000)
	path := write(t, text+`{"event_type":"unended"}`)
	made := mustMake(t, path)
	ix := mustOpen(t, path)
	if ix.Grown() || ix.End() != int64(len(text)) {
		t.Errorf("grown: %t, up to %d, want %d", ix.Grown(), ix.End(), len(text))
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
	if made.Events != events || made.Blocks != len(ix.Blocks()) || made.Kept > 0 {
		t.Errorf("made %+v", made)
	}
}

// A log that has grown: what is new is read, and the last block made again if it is short.
func TestMakeAgain(t *testing.T) {
	path := write(t, lines(20_000, 0))
	first := mustMake(t, path)
	if again := mustMake(t, path); again.Kept != first.Blocks || again.Blocks != first.Blocks || again.Lines != first.Lines {
		t.Errorf("made %+v, and again %+v", first, again)
	}
	appendTo(t, path, lines(20_000, -1))
	grown := mustMake(t, path)
	if grown.Kept < first.Blocks-1 || grown.Lines != 40_000 || grown.Blocks > 2*first.Blocks {
		t.Errorf("made %+v, and grown %+v", first, grown)
	}
	if ix := mustOpen(t, path); ix.Grown() {
		t.Error("it does not hold")
	}
}

// Whatever a log holds, its index takes at most 1 % of it and 8 KiB.
func TestSize(t *testing.T) {
	for name, line := range map[string]func(i int) string{
		"tiny lines":       func(int) string { return `{"event_type":""}` },
		"empty lines":      func(int) string { return "" },
		"no events":        func(int) string { return "{" },
		"many types":       func(i int) string { return fmt.Sprintf(`{"event_type":"%x"}`, i) },
		"some long types":  func(i int) string { return fmt.Sprintf(`{"event_type":"%0255x"}`, i/100) },
		"long values":      func(i int) string { return fmt.Sprintf(`{"event_type":"%0500x","agent_id":"%0250x"}`, i, i/60) },
		"many ids":         func(i int) string { return fmt.Sprintf(`{"event_type":"","call_id":"%x","turn_id":%d}`, i, i) },
		"a thousand turns": func(i int) string { return fmt.Sprintf(`{"event_type":"","turn_id":"%x"}`, i/30) },
		"all of it": func(i int) string {
			return fmt.Sprintf(`{"event_type":"%d","agent_id":"%d","tool_name":"%d","severity":"%d","session_id":"%d"}`, i%64, i/100%64, i/1000, i%60, i/4)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var text strings.Builder
			for i := 0; text.Len() < 5<<18; i++ {
				text.WriteString(line(i) + "\n")
			}
			for _, text := range []string{text.String(), text.String()[:30_000]} {
				path := write(t, text)
				mustMake(t, path)
				st, err := os.Stat(index.Name(path))
				if err != nil {
					t.Fatal(err)
				}
				if st.Size() > int64(len(text)/100)+8<<10 {
					t.Errorf("%d bytes have an index of %d", len(text), st.Size())
				}
				mustOpen(t, path)
			}
		})
	}
}

// A line longer than any event, and one longer than a block, are blocks of their own. Lines
// after them are found where they are.
func TestLongLines(t *testing.T) {
	long := `{"event_type":"long","x":"` + strings.Repeat("x", 3<<20) + `"}` + "\n"
	path := write(t, line("a", "a", "1")+long+line("b", "a", "2"))
	log := openLog(t, path)
	const limit, huge = 4 << 20, 7 << 20
	defer index.LimitLines(limit)()
	end, err := log.Seek(0, 2)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := log.WriteAt([]byte("\n"+line("c", "a", "3")), end+huge); err != nil {
		t.Fatal(err)
	}
	mustMake(t, path)
	blocks := mustOpen(t, path).Blocks()
	var at int64
	found := map[string]int64{}
	for i := range blocks {
		b := &blocks[i]
		if b.Start != at {
			t.Errorf("block %d starts at %d, want %d", i, b.Start, at)
		}
		at = b.End
		if values, ok := b.Values("event_type"); ok {
			for _, v := range values {
				found[v.Text] += v.Events
			}
		}
		if b.Invalid > 0 && (b.Longest != huge || b.Start != end) {
			t.Errorf("block %d: %d invalid, the longest of %d", i, b.Invalid, b.Longest)
		}
	}
	if fmt.Sprint(found) != "map[a:1 b:1 c:1 long:1]" {
		t.Errorf("found %v", found)
	}
	appendTo(t, path, line("d", "a", "4"))
	ix := mustOpen(t, path)
	if err := ix.Confirm(t.Context(), log); !ix.Grown() && err == nil {
		return
	}
	t.Error("the long blocks are not what they were")
}
