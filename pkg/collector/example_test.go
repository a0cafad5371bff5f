package collector_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"auditctl/pkg/collector"
	"auditctl/pkg/events"
)

// turnStart returns an event for the examples.
func turnStart(prompt string) events.Event {
	r := events.NewTurnStart()
	r.Timestamp = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	r.AgentID = "coder"
	r.PromptPreview = prompt
	e, err := events.New(r)
	if err != nil {
		panic(err) // unreachable with these values
	}
	return e
}

// The zero Memory keeps all events; with a limit it keeps the last ones.
func ExampleMemory() {
	last := collector.NewMemory(2)
	for _, prompt := range []string{"one", "two", "three"} {
		if err := last.Emit(turnStart(prompt)); err != nil {
			fmt.Println(err)
		}
	}
	for e := range last.All() {
		fmt.Println(e.Lookup("prompt_preview"))
	}
	// Output:
	// two
	// three
}

// prompts is a Collector that prints the prompts of turns.
var prompts = collector.Func(func(e events.Event) error {
	_, err := fmt.Println(e.Lookup("prompt_preview"))
	return err
})

func ExampleFunc() {
	if err := prompts.Emit(turnStart("Fix the build")); err != nil {
		fmt.Println(err)
	}
	// Output:
	// Fix the build
}

func ExampleFilter() {
	short := collector.Filter(func(e events.Event) bool {
		return len(e.Lookup("prompt_preview").String()) < 20
	}, prompts)
	for _, prompt := range []string{"Fix the build", "Fix all that is wrong", "Stop"} {
		if err := short.Emit(turnStart(prompt)); err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// Fix the build
	// Stop
}

func ExampleMap() {
	nameless := collector.Map(func(e events.Event) (events.Event, error) {
		var start events.TurnStart
		if err := e.Decode(&start); err != nil {
			return e, err
		}
		start.PromptPreview = strings.ReplaceAll(start.PromptPreview, "Alice", "somebody")
		return events.New(&start)
	}, prompts)
	if err := nameless.Emit(turnStart("Write to Alice")); err != nil {
		fmt.Println(err)
	}
	// Output:
	// Write to somebody
}

// A context limits how long a flush may take.
func ExampleFlushContext() {
	sink := collector.NewJSONL(io.Discard)
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	fmt.Println(collector.FlushContext(ctx, sink))
	// Output:
	// <nil>
}

// NewJSONL writes to a stream, which the caller has to close.
func ExampleJSONL() {
	sink := collector.NewJSONL(os.Stdout)
	if err := sink.Emit(turnStart("Fix the build")); err != nil {
		fmt.Println(err)
	}
	if err := sink.Close(); err != nil {
		fmt.Println(err)
	}
	// Output:
	// {"event_type": "turn_start", "timestamp": "2026-01-02T03:04:05+00:00", "agent_id": "coder", "turn_id": null, "session_id": null, "severity": "info", "metadata": {}, "prompt_preview": "Fix the build"}
}

// OpenJSONL opens a file, which Close closes. Check the error of Close: it may be that of
// the last write.
func ExampleOpenJSONL() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "audit.jsonl")

	for _, prompt := range []string{"one", "two"} {
		log, err := collector.OpenJSONL(path, nil) // appends
		if err != nil {
			fmt.Println(err)
			return
		}
		if err := log.Emit(turnStart(prompt)); err != nil {
			fmt.Println(err)
		}
		if err := log.Close(); err != nil {
			fmt.Println(err)
		}
	}

	f, err := os.Open(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer f.Close()
	for e, err := range events.NewReader(f).Events() {
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(e.Lookup("prompt_preview"))
	}
	// Output:
	// one
	// two
}

// A Composite sends each event to several places.
func ExampleComposite() {
	var recent collector.Memory
	all := collector.NewComposite(&recent)
	all.Add(collector.NewJSONL(os.Stdout))
	if err := all.Emit(turnStart("Fix the build")); err != nil {
		fmt.Println(err)
	}
	if err := all.Close(); err != nil {
		fmt.Println(err)
	}
	fmt.Println(recent.Len(), "event in memory")
	// Output:
	// {"event_type": "turn_start", "timestamp": "2026-01-02T03:04:05+00:00", "agent_id": "coder", "turn_id": null, "session_id": null, "severity": "info", "metadata": {}, "prompt_preview": "Fix the build"}
	// 1 event in memory
}
