package seal_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"golang.org/x/mod/sumdb/note"

	"auditctl/pkg/seal"
)

// A log is sealed with a secret key and verified with the public one.
func Example() {
	dir, err := os.MkdirTemp("", "seal")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "audit.jsonl")
	lines := `{"event_type": "turn_start"}
{"event_type": "tool_call_start"}
{"event_type": "tool_call_complete"}
`
	if err := os.WriteFile(path, []byte(lines), 0o600); err != nil {
		log.Fatal(err)
	}

	// The secret key is for sealing only; the other one is public.
	secret, public, err := seal.GenerateKey("example.com/audit")
	if err != nil {
		log.Fatal(err)
	}
	key, err := seal.ParseKey(secret)
	if err != nil {
		log.Fatal(err)
	}
	ctx, audit := context.Background(), seal.Log{Path: path}
	sealed, err := audit.Seal(ctx, key, seal.Options{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d lines sealed as %s\n%x\n", sealed.Lines(), sealed.Origin(), sealed.Root())

	verifier, err := note.NewVerifier(public)
	if err != nil {
		log.Fatal(err)
	}
	report, err := audit.Verify(ctx, seal.VerifyOptions{Verifier: verifier})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(report.Verdict)

	// Somebody removes the second line.
	lines = `{"event_type": "turn_start"}
{"event_type": "tool_call_complete"}
`
	if err := os.WriteFile(path, []byte(lines), 0o600); err != nil {
		log.Fatal(err)
	}
	if report, err = audit.Verify(ctx, seal.VerifyOptions{Verifier: verifier}); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s: %s\n", report.Verdict, report.Reason)

	// Output:
	// 3 lines sealed as example.com/audit
	// 84f3cd79a4aad55c3e19ded13b9b51c6eebe654728231e65886b8720951a371f
	// intact
	// changed: line 2 is not the one that was sealed
}

// Some lines of a log are proven to somebody who does not get the others.
func ExampleLog_Bundle() {
	dir, err := os.MkdirTemp("", "seal")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "audit.jsonl")
	text := `{"event_type": "turn_start"}
{"event_type": "error", "error_type": "OOM"}
{"event_type": "turn_end"}
`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		log.Fatal(err)
	}
	secret, public, err := seal.GenerateKey("example.com/audit")
	if err != nil {
		log.Fatal(err)
	}
	key, err := seal.ParseKey(secret)
	if err != nil {
		log.Fatal(err)
	}
	ctx, audit := context.Background(), seal.Log{Path: path}
	if _, err := audit.Seal(ctx, key, seal.Options{}); err != nil {
		log.Fatal(err)
	}

	var bundle bytes.Buffer
	b, err := audit.Bundle(&bundle)
	if err != nil {
		log.Fatal(err)
	}
	if err := b.AddLines(ctx, seal.Lines{{First: 2, Last: 2}}); err != nil {
		log.Fatal(err)
	}
	if err := b.Close(); err != nil {
		log.Fatal(err)
	}

	// Elsewhere:
	verifier, err := note.NewVerifier(public)
	if err != nil {
		log.Fatal(err)
	}
	var lines bytes.Buffer
	report, err := seal.VerifyBundle(&bundle, &lines, seal.VerifyOptions{Verifier: verifier})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s: line %s of %d\n", report.Verdict, report.Proven.First, report.Lines)
	if report.Verdict.OK() {
		fmt.Print(&lines)
	}

	// Output:
	// intact: line 2 of 3
	// {"event_type": "error", "error_type": "OOM"}
}

// A line is taken out of a sealed log, which still verifies.
func ExampleLog_Erase() {
	dir, err := os.MkdirTemp("", "seal")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "audit.jsonl")
	lines := `{"event_type": "turn_start", "prompt_preview": "my address is"}
{"event_type": "turn_end"}
`
	if err := os.WriteFile(path, []byte(lines), 0o600); err != nil {
		log.Fatal(err)
	}
	secret, public, err := seal.GenerateKey("example.com/audit")
	if err != nil {
		log.Fatal(err)
	}
	key, err := seal.ParseKey(secret)
	if err != nil {
		log.Fatal(err)
	}
	ctx, audit := context.Background(), seal.Log{Path: path}
	if _, err := audit.Seal(ctx, key, seal.Options{}); err != nil {
		log.Fatal(err)
	}

	erased, err := audit.Erase(ctx, key, seal.EraseOptions{
		Lines:   seal.LinesOf(seal.LineRange{First: 1, Last: 1}),
		Reason:  "asked for by its author",
		Offline: true, // nobody else has the file open
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("erased:", erased.Lines)

	verifier, err := note.NewVerifier(public)
	if err != nil {
		log.Fatal(err)
	}
	report, err := audit.Verify(ctx, seal.VerifyOptions{Verifier: verifier})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(report.Verdict, report.Erased(), report.Erasures[0].Reason)
	// Output:
	// erased: 1
	// intact 1 asked for by its author
}
