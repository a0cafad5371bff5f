package events_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"testing"

	"auditctl/pkg/events"
	"auditctl/pkg/internal/marks"
)

// benchLog returns the lines of a log of at least a megabyte, and the log.
func benchLog(b *testing.B) (all [][]byte, log []byte) {
	session := testLines(b, "session.jsonl")
	for len(log) < 1<<20 {
		for _, line := range session {
			all = append(all, line)
			log = append(append(log, line...), '\n')
		}
	}
	b.SetBytes(int64(len(log)))
	b.ReportAllocs()
	return all, log
}

func BenchmarkScanner(b *testing.B) {
	all, _ := benchLog(b)
	var s events.Scanner
	for b.Loop() {
		for _, line := range all {
			if s.Scan(line) != nil {
				b.Fatal("not an object")
			}
		}
	}
}

// BenchmarkScanFirst also finds where lines end, with each set of instructions of the machine.
func BenchmarkScanFirst(b *testing.B) {
	log := bytes.Join(testLines(b, "session.jsonl"), []byte("\n"))
	for _, set := range marks.Sets() {
		b.Run(set.String(), func(b *testing.B) {
			defer marks.Use(set)()
			b.SetBytes(int64(len(log)))
			var s events.Scanner
			for b.Loop() {
				for rest := log; len(rest) > 0; rest = rest[min(len(s.Line())+1, len(rest)):] {
					if s.ScanFirst(rest) != nil {
						b.Fatal("not an object")
					}
				}
			}
		})
	}
}

// BenchmarkScannerNewLayouts scans lines none of which looks like an earlier
// one: each has a key of its own in front.
func BenchmarkScannerNewLayouts(b *testing.B) {
	all, _ := benchLog(b)
	size := 0
	for i, line := range all {
		all[i] = fmt.Appendf(nil, `{"key%d": 0, %s`, i, line[1:])
		size += len(all[i]) + 1
	}
	b.SetBytes(int64(size))
	var s events.Scanner
	for b.Loop() {
		for _, line := range all {
			if s.Scan(line) != nil {
				b.Fatal("not an object")
			}
		}
	}
}

// BenchmarkScannerLookup also looks for the keys that a selection asks for.
func BenchmarkScannerLookup(b *testing.B) {
	all, _ := benchLog(b)
	var s events.Scanner
	for b.Loop() {
		for _, line := range all {
			if s.Scan(line) != nil || s.Text(s.Lookup("event_type")) == nil || s.Text(s.Lookup("severity")) == nil {
				b.Fatal("not an event")
			}
		}
	}
}

// BenchmarkJSONValid is what encoding/json needs to check the lines of
// BenchmarkScanner, without finding anything in them.
func BenchmarkJSONValid(b *testing.B) {
	all, _ := benchLog(b)
	for b.Loop() {
		for _, line := range all {
			if !json.Valid(line) {
				b.Fatal("not valid")
			}
		}
	}
}

// BenchmarkReader reads and checks the log event by event.
func BenchmarkReader(b *testing.B) {
	_, log := benchLog(b)
	for b.Loop() {
		for _, err := range events.NewReader(bytes.NewReader(log)).Events() {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkReadBlock reads the log without looking into it.
func BenchmarkReadBlock(b *testing.B) {
	_, log := benchLog(b)
	var block events.Block
	for b.Loop() {
		r := events.NewReader(bytes.NewReader(log))
		for r.ReadBlock(&block) != io.EOF {
		}
	}
}

func benchRecord() *events.ToolCallComplete {
	r := events.NewToolCallComplete()
	r.Timestamp = fixedTime
	r.AgentID, r.TurnID, r.SessionID = "planner", "1c80a3b1799d", "sess-7f3a"
	r.ToolName, r.DurationMS, r.ResultPreview = "grep", 12.5, "billing/invoice.go:42: // TODO: round half to even"
	r.Metadata.Set("region", "eu-central-1")
	return r
}

func BenchmarkNew(b *testing.B) {
	r := benchRecord()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := events.New(r); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkJSONMarshal is encoding/json with an event of the same keys and
// values as BenchmarkNew.
func BenchmarkJSONMarshal(b *testing.B) {
	r := benchRecord()
	peer := struct {
		EventType     string            `json:"event_type"`
		Timestamp     string            `json:"timestamp"`
		AgentID       *string           `json:"agent_id"`
		TurnID        *string           `json:"turn_id"`
		SessionID     *string           `json:"session_id"`
		Severity      string            `json:"severity"`
		Metadata      map[string]string `json:"metadata"`
		ToolName      string            `json:"tool_name"`
		Status        string            `json:"status"`
		DurationMS    float64           `json:"duration_ms"`
		ResultPreview string            `json:"result_preview"`
	}{
		r.EventType, fixedText, &r.AgentID, &r.TurnID, &r.SessionID, string(r.Severity),
		map[string]string{"region": "eu-central-1"}, r.ToolName, r.Status, r.DurationMS, r.ResultPreview,
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := json.Marshal(&peer); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkComplete(b *testing.B) {
	all, _ := benchLog(b)
	for b.Loop() {
		for _, line := range all {
			if _, err := events.Complete(line); err != nil {
				b.Fatal(err)
			}
		}
	}
}
