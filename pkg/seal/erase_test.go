package seal_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"auditctl/pkg/collector"
	"auditctl/pkg/compress"
	"auditctl/pkg/events"
	"auditctl/pkg/internal/crashtest"
	"auditctl/pkg/internal/osfile"
	"auditctl/pkg/seal"
)

// erasedAt is when tests erase lines.
var erasedAt = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

// erasing returns options to erase lines.
func erasing(t testing.TB, lines string) seal.EraseOptions {
	t.Helper()
	o := seal.EraseOptions{Reason: "asked for", Time: erasedAt, Offline: !osfile.Leases}
	if lines != "" {
		var err error
		if o.Lines, err = seal.ParseLines(lines); err != nil {
			t.Fatal(err)
		}
	}
	return o
}

func mustErase(t testing.TB, l seal.Log, key keyPair, o seal.EraseOptions) seal.Erased {
	t.Helper()
	erased, err := l.Erase(context.Background(), key.Key, o)
	if err != nil {
		t.Fatal(err)
	}
	return erased
}

// withErased returns a text with the event in the place of lines that was left there.
func withErased(t testing.TB, text, lines string) string {
	t.Helper()
	erased, err := seal.ParseLines(lines)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	n := int64(0)
	for line := range strings.Lines(text) {
		line, ended := strings.CutSuffix(line, "\n")
		if n++; erased.Has(n) {
			line = fmt.Sprintf(`{"event_type": "erased", "timestamp": "2026-03-10T12:00:00+00:00", "agent_id": null, `+
				`"turn_id": null, "session_id": null, "severity": "info", "metadata": {}, `+
				`"line": %d, "leaf_hash": "%x", "reason": "asked for"}`, n, sha256.Sum256([]byte("\x00"+line)))
		}
		out.WriteString(line)
		if ended {
			out.WriteByte('\n')
		}
	}
	return out.String()
}

// Erased lines are gone, an event is in the place of each, and all else is as before: other
// lines, proofs of them, the checkpoints, and what verify finds out.
func TestErase(t *testing.T) {
	key := newKey(t, "example.com/audit")
	text := numbered(0, 300)
	l := newLog(t, text)
	before := mustSeal(t, l, key)
	text += numbered(300, 300)
	appendTo(t, l.Path, text[strings.Index(text, numbered(300, 1)):])
	mustSeal(t, l, key)
	proofs := make(map[int64][]byte)
	for _, n := range []int64{2, 3, 256, 257, 600} {
		proof, err := l.ProveLine(n)
		if err != nil {
			t.Fatal(err)
		}
		proofs[n] = proof
	}
	const unsealed = "{}\nnot ended"
	appendTo(t, l.Path, unsealed)
	if err := os.Chmod(l.Path, 0o640); err != nil {
		t.Fatal(err)
	}

	o := seal.VerifyOptions{Verifier: key.Verifier, Against: before.Signed()}
	all := ""
	for _, lines := range []string{"1", "3,100,256-258", "2,250-300", "600,598"} {
		all = strings.TrimPrefix(all+","+lines, ",")
		want, _ := seal.ParseLines(all)
		erased := mustErase(t, l, key, erasing(t, lines))
		if got := erased.Lines.Count() + erased.Already.Count(); got != erasing(t, lines).Lines.Count() {
			t.Errorf("%s: erased %+v", lines, erased)
		}
		if got := read(t, l.Path); got != withErased(t, text, all)+unsealed {
			t.Fatalf("%s: the log is %s", lines, got)
		}
		r := verify(t, l, o)
		if r.Verdict != seal.Intact || r.Erased() != want.Count() || len(r.StillThere) > 0 || r.Unsealed != 1 || r.StrayCount > 0 {
			t.Fatalf("%s: %+v", lines, r)
		}
	}
	if st, err := os.Stat(l.Path); err != nil || st.Mode() != 0o640 {
		t.Errorf("mode %v, %v", st.Mode(), err)
	}
	for n, proof := range proofs {
		line := strings.TrimSuffix(strings.SplitAfter(text, "\n")[n-1], "\n")
		if _, _, err := seal.VerifyLine([]byte(line), proof, key.Verifier); err != nil {
			t.Errorf("the proof of line %d: %v", n, err)
		}
	}

	// The log goes on.
	appendTo(t, l.Path, " until now\n"+numbered(0, 10))
	if sealed := mustSeal(t, l, key); sealed.Lines() != 612 || sealed.New != 12 {
		t.Errorf("%+v", sealed)
	}
	if _, err := l.Seal(t.Context(), key.Key, seal.Options{Full: true}); err != nil {
		t.Errorf("a full seal: %v", err)
	}
	rotate(t, l)
	appendTo(t, l.Path, numbered(10, 10))
	mustSeal(t, l, key)
	if r := verify(t, l, o); r.Verdict != seal.Intact || r.Lines != 622 {
		t.Errorf("%+v", r)
	}
	mustErase(t, l, key, erasing(t, "612-613"))
	if r := verify(t, l, o); r.Verdict != seal.Intact || len(r.Erasures) != 5 {
		t.Errorf("%+v", r)
	}
	left, err := filepath.Glob(l.Path + "*")
	if err != nil || len(left) != 3 {
		t.Errorf("there are %q, %v", left, err)
	}
}

// The event is one as the reference writer would write it, of nothing but what is known of
// the line.
func TestErasedEvent(t *testing.T) {
	key := newKey(t, "example.com/audit")
	l := sealedLog(t, key, 3)
	o := erasing(t, "2")
	o.Reason = `asked for by "Zoë"`
	mustErase(t, l, key, o)
	line := strings.Split(read(t, l.Path), "\n")[1]
	completed, err := events.Complete([]byte(line))
	if err != nil || string(completed.Line()) != line {
		t.Errorf("%s: %v, want %s", line, err, completed.Line())
	}
	if !strings.HasSuffix(line, `"reason": "asked for by \"Zo\u00eb\""}`) {
		t.Error(line)
	}
}

// Lines are chosen by a function, among those that are sealed and not erased.
func TestEraseSelected(t *testing.T) {
	key := newKey(t, "example.com/audit")
	for _, name := range []string{"one file", "rotated"} {
		l := sealedLog(t, key, 500)
		if name == "rotated" {
			l = rotatedLog(t, key)
		}
		text := textOf(t, l)
		o := erasing(t, "")
		o.Select = func(text []byte) bool { return bytes.HasSuffix(text, []byte("7}")) }
		o.DryRun = true
		would, err := l.Erase(t.Context(), nil, o)
		if err != nil || textOf(t, l) != text {
			t.Fatalf("%s: a dry run: %v", name, err)
		}
		o.DryRun = false
		erased := mustErase(t, l, key, o)
		if erased.Lines.String() != would.Lines.String() || erased.Lines.Count() != 50 || !erased.Lines.Has(8) {
			t.Errorf("%s: %+v, without doing it %+v", name, erased, would)
		}
		if want := withErased(t, text, erased.Lines.String()); textOf(t, l) != want {
			t.Errorf("%s: the log is %s", name, textOf(t, l))
		}
		if r := verify(t, l, seal.VerifyOptions{Verifier: key.Verifier}); r.Verdict != seal.Intact || r.Erased() != 50 {
			t.Errorf("%s: %+v", name, r)
		}
		o.Select = func(text []byte) bool { return bytes.Contains(text, []byte("erased")) }
		if erased := mustErase(t, l, key, o); len(erased.Lines) > 0 {
			t.Errorf("%s: erased again: %+v", name, erased)
		}
		o.Select = func(text []byte) bool { return bytes.HasSuffix(text, []byte(" 5}")) }
		o.Lines, _ = seal.ParseLines("7-500")
		if erased := mustErase(t, l, key, o); len(erased.Lines) > 0 {
			t.Errorf("%s: not among the lines: %+v", name, erased)
		}
		appendTo(t, l.Path, numbered(5, 1))
		o.Lines = nil
		unsealed := new(seal.UnsealedError)
		if _, err := l.Erase(t.Context(), key.Key, o); !errors.As(err, &unsealed) || unsealed.Line != 501 {
			t.Errorf("%s: a line that is not sealed: %v", name, err)
		}
	}
}

// Rotated and compressed files stay what they are.
func TestEraseRotated(t *testing.T) {
	key := newKey(t, "example.com/audit")
	for _, format := range []compress.Format{compress.None, compress.Gzip, compress.Zstd} {
		l := seal.Log{Path: filepath.Join(t.TempDir(), "audit.jsonl")}
		text := numbered(0, 1000)
		write(t, l.Path, numbered(0, 10))
		mustSeal(t, l, key)
		emit(t, l, collector.Rotation{Size: 8000, Compress: format}, numbered(10, 990))
		mustSeal(t, l, key)
		files, err := filepath.Glob(l.Path + "*")
		if err != nil || len(files) != 6 {
			t.Fatalf("%q, %v", files, err)
		}
		const lines = "1,150-400,999-1000"
		mustErase(t, l, key, erasing(t, lines))
		got := ""
		for n := 4; n >= 0; n-- {
			path := l.Path
			if n > 0 {
				path = fmt.Sprintf("%s.%d%s", l.Path, n, format)
			}
			r := compress.NewReader(strings.NewReader(read(t, path)))
			var b bytes.Buffer
			if _, err := b.ReadFrom(r); err != nil || n > 0 && r.Format() != format {
				t.Errorf("%s: %v", path, err)
			}
			got += b.String()
		}
		if got != withErased(t, text, lines) {
			t.Errorf("%s: the log is %s", format, got)
		}
		if r := verify(t, l, seal.VerifyOptions{Verifier: key.Verifier}); r.Verdict != seal.Intact || r.Erased() != 254 {
			t.Errorf("%s: %+v", format, r)
		}
		more := numbered(1000, 300)
		emit(t, l, collector.Rotation{Size: 8000, Compress: format}, more)
		if sealed := mustSeal(t, l, key); sealed.Tree() != plainRoot(t, text+more) {
			t.Errorf("%s: %+v", format, sealed)
		}
	}
}

// Whoever lacks the key can neither add to the list of what was erased, nor take from it,
// nor change it or what is in the place of the lines.
func TestErasedIsProven(t *testing.T) {
	key, other := newKey(t, "example.com/audit"), newKey(t, "example.com/other")
	for name, c := range map[string]struct {
		change func(t *testing.T, l seal.Log, list string)
		line   int64
	}{
		"the event": {func(t *testing.T, l seal.Log, _ string) {
			write(t, l.Path, strings.Replace(read(t, l.Path), "asked for", "not asked for", 1))
		}, 2},
		"another line": {func(t *testing.T, l seal.Log, _ string) {
			write(t, l.Path, strings.Replace(read(t, l.Path), `"n": 7`, `"n": 8`, 1))
		}, 8},
		"a line that looks erased": {func(t *testing.T, l seal.Log, _ string) {
			write(t, l.Path, withErased(t, read(t, l.Path), "7"))
		}, 7},
		"the time": {func(t *testing.T, l seal.Log, list string) {
			write(t, l.Path+".tlog/erasures", strings.Replace(list, "2026", "2025", 1))
		}, 0},
		"another key": {func(t *testing.T, l seal.Log, list string) {
			text, _, _ := strings.Cut(list, "\n\n")
			write(t, l.Path+".tlog/erasures", sign(t, other, text+"\nerased 2026-03-10T12:00:00Z 7 \"\"\n"))
			write(t, l.Path, withErased(t, read(t, l.Path), "7"))
		}, 0},
		"a line in two erasures": {func(t *testing.T, l seal.Log, _ string) {
			text, _, _ := strings.Cut(read(t, l.Path+".tlog/erasures"), "\n\n")
			write(t, l.Path+".tlog/erasures", sign(t, key, text+"\nerased 2026-03-10T12:00:00Z 5-7 \"asked for\"\n"))
		}, 0},
		"a line that is not sealed": {func(t *testing.T, l seal.Log, _ string) {
			text, _, _ := strings.Cut(read(t, l.Path+".tlog/erasures"), "\n\n")
			write(t, l.Path+".tlog/erasures", sign(t, key, text+"\nerased 2026-03-10T12:00:00Z 11 \"asked for\"\n"))
		}, 0},
		"as many other erasures": {func(t *testing.T, l seal.Log, _ string) {
			text := "auditctl erasures\nexample.com/audit\nerased 2026-03-10T12:00:00Z 8 \"asked for\"\nerased 2026-03-10T12:00:00Z 9 \"asked for\"\n"
			write(t, l.Path+".tlog/erasures", sign(t, key, text))
			write(t, l.Path, numbered(0, 10))
		}, 0},
		"no list":       {func(t *testing.T, l seal.Log, _ string) { os.Remove(l.Path + ".tlog/erasures") }, 0},
		"an older list": {func(t *testing.T, l seal.Log, list string) { write(t, l.Path+".tlog/erasures", list) }, 0},
		"the list of another log": {func(t *testing.T, l seal.Log, _ string) {
			write(t, l.Path+".tlog/erasures", sign(t, key, "auditctl erasures\nexample.com/else\nerased 2026-03-10T12:00:00Z 2 \"asked for\"\n"))
		}, 0},
		"a list without a signature": {func(t *testing.T, l seal.Log, _ string) { write(t, l.Path+".tlog/erasures", "auditctl erasures\n") }, 0},
		"a list that is a directory": {func(t *testing.T, l seal.Log, _ string) {
			os.Remove(l.Path + ".tlog/erasures")
			os.Mkdir(l.Path+".tlog/erasures", 0o700)
		}, 0},
	} {
		l := sealedLog(t, key, 10)
		mustErase(t, l, key, erasing(t, "2"))
		list := read(t, l.Path+".tlog/erasures")
		mustErase(t, l, key, erasing(t, "4-5"))
		c.change(t, l, list)
		r := verify(t, l, seal.VerifyOptions{Verifier: key.Verifier})
		if r.Verdict != seal.Changed || r.Line != c.line {
			t.Errorf("%s: %+v", name, r)
		}
		if without := verify(t, l, seal.VerifyOptions{}); without.Verdict == seal.Intact {
			t.Errorf("%s: %+v", name, without)
		}
	}
}

func sign(t *testing.T, key keyPair, text string) string {
	t.Helper()
	signed, err := seal.Sign(key.Key, text)
	if err != nil {
		t.Fatal(err)
	}
	return string(signed)
}

// What came back with a copy of the log is found, and erased again without saying what.
func TestErasedIsBack(t *testing.T) {
	key := newKey(t, "example.com/audit")
	l := rotatedLog(t, key)
	backup := make(map[string]string)
	for n := 1; n < 5; n++ {
		path := fmt.Sprintf("%s.%d", l.Path, n)
		backup[path] = read(t, path)
	}
	backup[l.Path] = read(t, l.Path)
	text := textOf(t, l)
	mustErase(t, l, key, erasing(t, "3,450"))
	for path, text := range backup {
		write(t, path, text)
	}
	o := seal.VerifyOptions{Verifier: key.Verifier}
	if r := verify(t, l, o); r.Verdict != seal.Intact || r.StillThere.String() != "3,450" || r.Erased() != 0 {
		t.Errorf("%+v", r)
	}
	appendTo(t, l.Path, numbered(500, 3))
	if sealed := mustSeal(t, l, key); sealed.New != 3 {
		t.Errorf("%+v", sealed)
	}
	if erased := mustErase(t, l, key, erasing(t, "")); erased.Finished.String() != "3,450" || len(erased.Lines) > 0 {
		t.Errorf("%+v", erased)
	}
	if textOf(t, l) != withErased(t, text, "3,450")+numbered(500, 3) {
		t.Errorf("the log is %s", textOf(t, l))
	}
	if r := verify(t, l, o); r.Verdict != seal.Intact || r.Erased() != 2 {
		t.Errorf("%+v", r)
	}
}

// Whenever the machine crashes, each file has all of the lines or none, verify says so, and
// another erasure, or a seal, goes on.
func TestEraseCrash(t *testing.T) {
	key := newKey(t, "example.com/audit")
	for name, rotated := range map[string]bool{"one file": false, "rotated": true} {
		t.Run(name, func(t *testing.T) {
			l := newLog(t, numbered(0, 5))
			mustSeal(t, l, key)
			if rotated {
				rotate(t, l)
				appendTo(t, l.Path, numbered(5, 5))
				mustSeal(t, l, key)
			}
			mustErase(t, l, key, erasing(t, "1"))
			appendTo(t, l.Path, "{}")
			base := filepath.Base(l.Path)
			text := textOf(t, l)
			lines := "2,4-5"
			if rotated {
				lines = "2,7"
			}
			disk := crashtest.New(diskOf(t, l))
			mustErase(t, seal.Recorded(l, disk), key, erasing(t, lines))
			after := withErased(t, text, lines)
			done := disk.Mark()
			states, between := 0, 0
			o := seal.VerifyOptions{Verifier: key.Verifier}
			for crash := range disk.Crashes() {
				states++
				left := seal.Log{Path: filepath.Join(filepath.Dir(l.Path), "left", base)}
				if err := crash.Put(filepath.Dir(left.Path)); err != nil {
					t.Fatal(err)
				}
				r := verify(t, left, o)
				listed, _ := seal.ParseLines(lines)
				switch n := r.Erased() - 1; {
				case r.Verdict != seal.Intact:
					t.Errorf("verify: %+v", r)
				case n == 0 && len(r.StillThere) == 0 && crash.After < done: // before
				case n+r.StillThere.Count() == listed.Count() && (crash.After < done || n == listed.Count()):
				default:
					t.Errorf("%+v", r)
				}
				if len(r.StillThere) > 0 {
					between++
				}
				if states%2 == 0 {
					appendTo(t, left.Path, "\n{}\n")
					mustSeal(t, left, key)
				}
				had := len(r.Erasures) > 1
				erased := mustErase(t, left, key, erasing(t, ""))
				if erased.Finished.String() != r.StillThere.String() || len(erased.Lines) > 0 {
					t.Errorf("finished %+v, want %v", erased, r.StillThere)
				}
				want := text
				if had {
					want = after
				}
				if got := textOf(t, left); !strings.HasPrefix(got, want) {
					t.Errorf("the log is %s, want %s", got, want)
				}
				if r := verify(t, left, o); r.Verdict != seal.Intact || len(r.StillThere) > 0 || r.Unended == (states%2 == 0) {
					t.Errorf("verify at last: %+v", r)
				}
				if left, _ := filepath.Glob(left.Path + "*.erasing"); len(left) > 0 {
					t.Errorf("left: %q", left)
				}
				if t.Failed() {
					t.Fatal(crash.What)
				}
			}
			if states < 10 || between == 0 {
				t.Errorf("only %d states, %d of them with lines that are still there", states, between)
			}
			if left := disk.Unsynced(); len(left) > 0 {
				t.Errorf("not synced: %q", left)
			}
		})
	}
}

// diskOf returns all files of a log and its sidecar.
func diskOf(t *testing.T, l seal.Log) files {
	t.Helper()
	on := make(files)
	dir := filepath.Dir(l.Path)
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if !entry.IsDir() {
			on[entry.Name()] = read(t, filepath.Join(dir, entry.Name()))
		}
	}
	for name, text := range filesOf(t, l) {
		on[filepath.Base(l.Path)+".tlog/"+name] = text
	}
	return on
}

// Nothing is changed if not all of it can be erased.
func TestEraseRefuses(t *testing.T) {
	key := newKey(t, "example.com/audit")
	with := func(reason string) seal.EraseOptions {
		o := erasing(t, "2")
		o.Reason = reason
		return o
	}
	for name, c := range map[string]struct {
		before func(t *testing.T, l seal.Log)
		key    keyPair
		o      seal.EraseOptions
		want   string
	}{
		"another key":           {nil, newKey(t, "example.com/audit"), erasing(t, "2"), "not signed by this key"},
		"a line not sealed yet": {nil, key, erasing(t, "11"), "line 11 cannot be erased, since only 10 lines are sealed: seal it first"},
		"far more lines":        {nil, key, erasing(t, "1-999999999999"), "line 999999999999 cannot be erased, since only 10 lines are sealed: seal it first"},
		"no reason":             {nil, key, with(""), "lines are not erased without a reason"},
		"two lines of reason":   {nil, key, with("a\nb"), "the reason must be one line of text, without control characters"},
		"a reason not in UTF-8": {nil, key, with("\xff"), "the reason must be one line of text, without control characters"},
		"a long reason":         {nil, key, with(strings.Repeat("x", 1001)), "the reason has 1001 bytes: want at most 1000"},
		"a changed line": {func(t *testing.T, l seal.Log) {
			write(t, l.Path, strings.Replace(read(t, l.Path), `"n": 1`, `"n": 2`, 1))
		}, key, erasing(t, "2"), "changed: line 2 is not the one that was sealed"},
		"a changed line elsewhere": {func(t *testing.T, l seal.Log) {
			write(t, l.Path, strings.Join(strings.SplitAfter(read(t, l.Path), "\n")[2:], ""))
		}, key, erasing(t, "3-9"), "is not the one that was sealed"},
		"a line that is missing": {func(t *testing.T, l seal.Log) {
			write(t, l.Path, numbered(0, 5))
		}, key, erasing(t, "2"), "truncated: 10 lines of "},
		"another name": {func(t *testing.T, l seal.Log) {
			if err := os.Link(l.Path, l.Path+".link"); err != nil {
				t.Skip(err)
			}
		}, key, erasing(t, "2"), "has other names, hard links"},
		"twice": {func(t *testing.T, l seal.Log) {
			rotate(t, l)
			write(t, l.Path+".1.gz", "")
		}, key, erasing(t, "2"), "are the same file of the log"},
	} {
		l := sealedLog(t, key, 10)
		if c.before != nil {
			c.before(t, l)
		}
		was := diskOf(t, l)
		_, err := l.Erase(t.Context(), c.key.Key, c.o)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
		for file, text := range diskOf(t, l) {
			if was[file] != text || len(diskOf(t, l)) != len(was) {
				t.Errorf("%s: %s has changed", name, file)
			}
		}
	}
	l := newLog(t, numbered(0, 3))
	if _, err := l.Erase(t.Context(), key.Key, erasing(t, "2")); err != seal.ErrNotSealed {
		t.Errorf("a log that is not sealed: %v", err)
	}
	signer, foreign := foreignKey(t, "example.com/audit")
	l = foreignLog(t, numbered(0, 3), "example.com/audit", signer)
	if _, err := l.Erase(t.Context(), foreign.Key, erasing(t, "2")); err == nil || !strings.Contains(err.Error(), "is of another tool") {
		t.Errorf("the sidecar of another tool: %v", err)
	}
}

// What a killed process left beside the log is removed with the lines that it has.
func TestEraseRemovesLeftovers(t *testing.T) {
	key := newKey(t, "example.com/audit")
	l := sealedLog(t, key, 3)
	for _, left := range []string{".erasing", ".1.gz.erasing", ".compressing"} {
		write(t, l.Path+left, numbered(0, 3))
	}
	write(t, l.Path+".bak", "")
	mustErase(t, l, key, erasing(t, "2"))
	left, err := filepath.Glob(l.Path + "*")
	if err != nil || len(left) != 3 || left[1] != l.Path+".bak" {
		t.Errorf("there are %q, %v", left, err)
	}
}

// Lines that are erased while a log is verified do not seem to be changed.
func TestErasedWhileVerified(t *testing.T) {
	key := newKey(t, "example.com/audit")
	l := sealedLog(t, key, 3)
	manifest, first := read(t, l.Path+".tlog/manifest"), true
	opening := seal.WithOpening(l, func() {
		if !first {
			return
		}
		first = false
		mustErase(t, l, key, erasing(t, "2"))
		// As if it had not come to that yet.
		write(t, l.Path+".tlog/manifest", manifest)
	})
	r := verify(t, opening, seal.VerifyOptions{Verifier: key.Verifier})
	if r.Verdict != seal.Intact || r.Erased() != 1 {
		t.Errorf("%+v", r)
	}
}

// What is listed as erased and still there can be erased by choosing it again, too: it is not
// said to be erased already.
func TestEraseStillThere(t *testing.T) {
	key := newKey(t, "example.com/audit")
	text := numbered(0, 9)
	matching := func(o seal.EraseOptions, texts ...string) seal.EraseOptions {
		o.Select = func(line []byte) bool { return slices.Contains(texts, string(line)+"\n") }
		return o
	}
	for name, test := range map[string]struct {
		o                        seal.EraseOptions
		lines, already, finished string
	}{
		"by number":          {erasing(t, "3-4"), "4", "", "3"},
		"some of them":       {erasing(t, "3,5"), "", "5", "3"},
		"by text":            {matching(erasing(t, ""), numbered(2, 1), numbered(7, 1)), "8", "", "3"},
		"by number and text": {matching(erasing(t, "2-5"), numbered(2, 1), numbered(7, 1)), "", "5", "3"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLog(t, text)
			mustSeal(t, l, key)
			mustErase(t, l, key, erasing(t, "3,5"))
			write(t, l.Path, withErased(t, text, "5"))
			for _, test.o.DryRun = range []bool{true, false} {
				erased := mustErase(t, l, key, test.o)
				if erased.Lines.String() != test.lines || erased.Already.String() != test.already || erased.Finished.String() != test.finished {
					t.Errorf("dry run %t: %+v", test.o.DryRun, erased)
				}
			}
			if r := verify(t, l, seal.VerifyOptions{Verifier: key.Verifier}); r.Verdict != seal.Intact || len(r.StillThere) > 0 {
				t.Errorf("%+v", r)
			}
		})
	}
}

// A checkpoint that was kept does not prove that lines were erased by who has the key.
func TestErasedAgainst(t *testing.T) {
	key, others := newKey(t, "example.com/audit"), newKey(t, "example.com/audit")
	l := newLog(t, numbered(0, 9))
	kept := mustSeal(t, l, key).Signed()
	if err := os.RemoveAll(l.Path + ".tlog"); err != nil {
		t.Fatal(err)
	}
	mustSeal(t, l, others)
	mustErase(t, l, others, erasing(t, "3"))
	o := seal.VerifyOptions{Against: kept}
	if r, err := l.Verify(t.Context(), o); err == nil {
		t.Errorf("%+v", r)
	}
	r, lines, err := verdictOf(t, mustBundle(t, l, "3"), o)
	if err == nil {
		t.Errorf("%+v, %s", r, lines)
	}
	if r, _, err = verdictOf(t, mustBundle(t, l, "4"), o); err != nil || r.Verdict != seal.Intact {
		t.Errorf("a bundle of other lines: %+v, %v", r, err)
	}
	write(t, l.Path, numbered(0, 9))
	if r := verify(t, l, o); r.Verdict != seal.Intact || r.StillThere.String() != "3" {
		t.Errorf("%+v", r)
	}
	o.Verifier = key.Verifier
	mustErase(t, l, others, erasing(t, ""))
	if r := verify(t, l, o); r.Verdict != seal.OtherKey {
		t.Errorf("%+v", r)
	}
}
