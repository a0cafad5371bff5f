package seal_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"auditctl/pkg/collector"
	"auditctl/pkg/compress"
	"auditctl/pkg/seal"
)

// bundleOf returns a bundle of lines of a log.
func bundleOf(t testing.TB, l seal.Log, lines string) (string, error) {
	t.Helper()
	wanted, err := seal.ParseLines(lines)
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	b, err := l.Bundle(&text)
	if err != nil {
		t.Fatal(err)
	}
	err = b.AddLines(context.Background(), wanted)
	if closed := b.Close(); closed != err {
		t.Errorf("Close: %v, want %v", closed, err)
	}
	return text.String(), err
}

func mustBundle(t testing.TB, l seal.Log, lines string) string {
	t.Helper()
	text, err := bundleOf(t, l, lines)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// verdictOf verifies a bundle, and returns its lines, too.
func verdictOf(t testing.TB, bundle string, o seal.VerifyOptions) (r seal.BundleReport, lines string, err error) {
	t.Helper()
	var out strings.Builder
	r, err = seal.VerifyBundle(strings.NewReader(bundle), &out, o)
	return r, out.String(), err
}

func lineText(n int) string {
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, "line %d\n", i+1)
	}
	return text.String()
}

// A bundle has just the lines asked for, as they are, whichever they are and however many
// there are.
func TestBundle(t *testing.T) {
	key := newKey(t, "example.com/audit")
	strange := "\r\n\n\xff\xfe\x00 \t\n" + strings.Repeat("long ", 1<<16) + "\nomitted 1-2\n1 \n" + lineText(2000)
	for _, test := range []struct {
		log, lines string
		proven     string // if that is not the same
	}{
		{lineText(1), "1", ""},
		{lineText(2), "1-2", ""},
		{lineText(3), "2", ""},
		{lineText(700), "1,3-5,255-257,512,700", ""},
		{lineText(70_000), "65536-65537,69999", ""},
		{strange, "1-6", ""},
		{strange, "4,6,2006", ""},
		{strange, "1-2006", ""},
		{lineText(40), "1,3,5,7,9,11,13,15,17,19-20,22,24,26", "1,3,5,7,9,11,13,15,17,19-20"},
	} {
		l := newLog(t, test.log)
		mustSeal(t, l, key)
		appendTo(t, l.Path, "not sealed\n")
		bundle := mustBundle(t, l, test.lines)
		r, lines, err := verdictOf(t, bundle, seal.VerifyOptions{Verifier: key.Verifier, Origin: "example.com/audit"})
		wanted, _ := seal.ParseLines(test.lines)
		want := chosen(test.log, wanted)
		if err != nil || r.Verdict != seal.Intact || r.Anchored != r.Lines || lines != want {
			t.Errorf("%s: %+v, %v: %.300q", test.lines, r, err, lines)
		}
		if test.proven == "" {
			test.proven = test.lines
		}
		if r.Proven.First.String() != test.proven || r.Proven.Count != wanted.Count() || r.Proven.Ranges != int64(len(wanted)) {
			t.Errorf("%s: %d lines in %d ranges: %v", test.lines, r.Proven.Count, r.Proven.Ranges, r.Proven.First)
		}
		if r, _, err := verdictOf(t, bundle, seal.VerifyOptions{}); err != nil || r.Verdict != seal.Unanchored || r.Anchored != 0 {
			t.Errorf("%s without a key: %+v, %v", test.lines, r, err)
		}
		// Line by line, and read byte by byte.
		var text bytes.Buffer
		b, err := l.Bundle(&text)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(test.log, "\n") {
			if wanted.Has(int64(i + 1)) {
				err = errors.Join(err, b.Add(int64(i+1), []byte(line)))
			}
		}
		if err = errors.Join(err, b.Close()); err != nil || b.Count() != wanted.Count() || text.String() != bundle {
			t.Errorf("%s line by line: %v, other text", test.lines, err)
		}
		if len(bundle) < 10_000 {
			if r, err := seal.VerifyBundle(iotest.OneByteReader(&text), nil, seal.VerifyOptions{Verifier: key.Verifier}); err != nil || r.Verdict != seal.Intact {
				t.Errorf("%s byte by byte: %+v, %v", test.lines, r, err)
			}
		}
	}
}

// A bundle of which any byte was changed, left out or added is not intact.
func TestBundleChanged(t *testing.T) {
	key := newKey(t, "example.com/audit")
	l := newLog(t, lineText(21))
	mustSeal(t, l, key)
	bundle := mustBundle(t, l, "3,17-20")
	o := seal.VerifyOptions{Verifier: key.Verifier}
	check := func(what, changed string) {
		t.Helper()
		if r, _, err := verdictOf(t, changed, o); err == nil && r.Verdict.OK() {
			t.Errorf("%s: %s\n%s", what, r.Verdict, changed)
		}
	}
	if r, _, err := verdictOf(t, bundle, o); err != nil || r.Verdict != seal.Intact {
		t.Fatalf("%+v, %v", r, err)
	}
	for i := range bundle {
		for _, c := range []byte{bundle[i] ^ 1, bundle[i] ^ 0x20, '\n'} {
			if c != bundle[i] {
				check(fmt.Sprintf("byte %d is %q", i, c), bundle[:i]+string([]byte{c})+bundle[i+1:])
			}
		}
		for _, c := range []byte{'\r', '1'} {
			check(fmt.Sprintf("%q comes before byte %d", c, i), bundle[:i]+string([]byte{c})+bundle[i:])
		}
		check(fmt.Sprintf("without byte %d", i), bundle[:i]+bundle[i+1:])
		check(fmt.Sprintf("cut off at byte %d", i), bundle[:i])
	}
	check("more at the end", bundle+"x")
	check("a line more", bundle+"\n")
	check("twice", bundle+bundle)
	lines := strings.SplitAfter(strings.TrimSuffix(bundle, "\n"), "\n")
	for i := range lines {
		check("a line less", strings.Join(lines[:i], "")+strings.Join(lines[i+1:], ""))
		for j := range i {
			swapped := append([]string{}, lines...)
			if swapped[i], swapped[j] = swapped[j], swapped[i]; swapped[i] != swapped[j] {
				check(fmt.Sprintf("lines %d and %d are swapped", i+1, j+1), strings.Join(swapped, ""))
			}
		}
	}
}

// What is wrong with a bundle is named, with the line of its text.
func TestBundleMalformed(t *testing.T) {
	key, other := newKey(t, "example.com/audit"), newKey(t, "example.com/other")
	l := newLog(t, lineText(21))
	mustSeal(t, l, key)
	checkpoint := read(t, l.Path+".tlog/checkpoint")
	bundle := mustBundle(t, l, "3,17-20")
	head, body, _ := strings.Cut(bundle, "omitted 1-2")
	hash := strings.Repeat("A", 43) + "=\n"
	replaced := func(old, new string) string {
		if !strings.Contains(bundle, old) {
			t.Fatalf("no %q in\n%s", old, bundle)
		}
		return strings.Replace(bundle, old, new, 1)
	}
	for _, test := range []struct{ name, bundle, want string }{
		{"empty", "", `line 1: it is not a bundle, which begins with "auditctl bundle v1"`},
		{"a log", lineText(3), `line 1: it is not a bundle, which begins with "auditctl bundle v1"`},
		{"nothing but a long line", strings.Repeat("x", 1<<20), `line 1: it is not a bundle, which begins with "auditctl bundle v1"`},
		{"CRLF", strings.ReplaceAll(bundle, "\n", "\r\n"), "line 1: its line endings were changed on the way: pass it on as it is, best compressed"},
		{"CRLF in the middle", replaced("omitted 4-16\n", "omitted 4-16\r\n"), "line 12: its line endings were changed on the way: pass it on as it is, best compressed"},
		{"only the head", head, "truncated: it ends after line 0 of 21"},
		{"half a head", head[:40], "truncated: it ends before the first line of the log"},
		{"no line feed at the end", strings.TrimSuffix(bundle, "\n"), "truncated: it ends after line 20 of 21"},
		{"half of it", bundle[:strings.Index(bundle, "17 line")], "truncated: it ends after line 16 of 21"},
		{"trailing text", bundle + "-- \n", "line 22: there is more after the end of the bundle"},
		{"trailing byte", bundle + "\x00", "line 22: there is more after the end of the bundle"},
		{"two checkpoints", strings.Replace(bundle, checkpoint, checkpoint+"\n"+checkpoint, 1), "line 9: want line 1, or what is omitted from there on"},
		{"no checkpoint", strings.Replace(bundle, checkpoint+"\n", "", 1), "truncated: it ends before the first line of the log"},
		{"no line", head + "omitted 1-21\n" + strings.Repeat(hash, 3), "changed: its lines, with the hashes between them, are not those that were sealed"},
		{"a line twice", replaced("18 line 18\n", "17 line 17\n"), "line 17: want line 18, not 17"},
		{"unordered", replaced("17 line 17\n18 line 18\n", "18 line 18\n17 line 17\n"), "line 16: want line 17, not 18"},
		{"negative", replaced("17 line 17\n", "-17 line 17\n"), "line 16: want line 17, or what is omitted from there on"},
		{"zeros", replaced("17 line 17\n", "017 line 17\n"), "line 16: want line 17, or what is omitted from there on"},
		{"plus", replaced("17 line 17\n", "+17 line 17\n"), "line 16: want line 17, or what is omitted from there on"},
		{"huge", replaced("17 line 17\n", "99999999999999999999 line 17\n"), "line 16: want line 17, or what is omitted from there on"},
		{"a text", replaced("17 line 17\n", "seventeen\n"), "line 16: want line 17, or what is omitted from there on"},
		{"omitted backwards", replaced("omitted 4-16\n", "omitted 4-3\n"), "line 12: want what is omitted from line 4 on, up to line 21 at most"},
		{"omitted twice", replaced("omitted 4-16\n", "omitted 1-16\n"), "line 12: want what is omitted from line 4 on, up to line 21 at most"},
		{"omitted after the end", replaced("omitted 4-16\n", "omitted 4-22\n"), "line 12: want what is omitted from line 4 on, up to line 21 at most"},
		{"omitted far", replaced("omitted 4-16\n", "omitted 4-281474976710656\n"), "line 12: want what is omitted from line 4 on, up to line 21 at most"},
		{"omitted too far", replaced("omitted 4-16\n", "omitted 4-99999999999999999999\n"), "line 12: want what is omitted from line 4 on, up to line 21 at most"},
		{"omitted list", replaced("omitted 4-16\n", "omitted 4,6\n"), "line 12: want what is omitted from line 4 on, up to line 21 at most"},
		{"few hashes", head + "omitted 1-2\n3 line 3\n" + hash, "line 10: want a hash"},
		{"no hash", head + "omitted 1-2\nAAAA\n" + hash, "line 10: want a hash"},
		{"unpadded hash", head + "omitted 1-2\n" + strings.Repeat("A", 44) + "\n", "line 10: want a hash"},
		{"long hash", head + "omitted 1-2\n" + strings.Repeat("A", 1<<20), "line 10: the line is too long"},
		{"another hash", head + "omitted 1-2\n" + hash + strings.Join(strings.SplitAfter(body, "\n")[2:], ""), "changed: its lines, with the hashes between them, are not those that were sealed"},
		{"an endless note", "auditctl bundle v1\n\n" + strings.Repeat("text\n", 1<<18), "line 209718: the signed note is too long"},
		{"no note", "auditctl bundle v1\n\nx\n\ny\n\n", "line 6: checkpoint: malformed note"},
	} {
		r, _, err := verdictOf(t, test.bundle, seal.VerifyOptions{Verifier: key.Verifier})
		got := string(r.Verdict) + ": " + r.Reason
		if err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
	for _, test := range []struct {
		o    seal.VerifyOptions
		want string
	}{
		{seal.VerifyOptions{Verifier: other.Verifier}, "not by this key: " + fmt.Sprintf("not signed by this key, %s+%08x", other.Verifier.Name(), other.Verifier.KeyHash())},
		{seal.VerifyOptions{Origin: "example.com/b"}, "changed: the origin is example.com/audit, not example.com/b"},
	} {
		r, lines, err := verdictOf(t, bundle, test.o)
		if got := string(r.Verdict) + ": " + r.Reason; err != nil || got != test.want || lines != "" {
			t.Errorf("%s, %v; want %s", got, err, test.want)
		}
	}
}

// The checkpoint of a bundle can be compared with one that was kept elsewhere.
func TestBundleAgainst(t *testing.T) {
	key, impostor := newKey(t, "example.com/audit"), newKey(t, "example.com/audit")
	l, rewritten := newLog(t, lineText(5)), newLog(t, lineText(4)+"other\n")
	mustSeal(t, l, key)
	mustSeal(t, rewritten, impostor)
	first := read(t, l.Path+".tlog/checkpoint")
	appendTo(t, l.Path, lineText(1))
	bundle := mustBundle(t, l, "2")
	mustSeal(t, l, key)
	second := read(t, l.Path+".tlog/checkpoint")
	forged := read(t, rewritten.Path+".tlog/checkpoint")
	foreign := newLog(t, lineText(2))
	mustSeal(t, foreign, newKey(t, "example.com/foreign"))
	for against, want := range map[string]string{
		first:          "intact: ",
		first + second: "intact: ",
		second + "\n" + read(t, foreign.Path+".tlog/checkpoint") + first: "intact: ",
		forged:                                   "changed: its checkpoint is not the one of 5 lines to verify against",
		read(t, foreign.Path+".tlog/checkpoint"): "changed: none of the checkpoints to verify against is of example.com/audit",
		second:                                   "its checkpoint, of 5 lines, is not among those to verify against: ask for a proof that the log grew from one of them to it, by prove --since",
		"x":                                      "malformed checkpoint to verify against",
	} {
		r, _, err := verdictOf(t, bundle, seal.VerifyOptions{Against: []byte(against)})
		got := string(r.Verdict) + ": " + r.Reason
		if err != nil {
			got = err.Error()
		}
		if got != want || err == nil && r.Verdict.OK() != (r.Anchored == 5) {
			t.Errorf("against\n%s: %s, want %s", against, got, want)
		}
	}
}

// A line that was changed is not proven, and what was written until then is no bundle.
func TestBundleRefuses(t *testing.T) {
	key := newKey(t, "example.com/audit")
	for _, test := range []struct{ change, lines, want string }{
		{strings.Replace(lineText(600), "line 500\n", "line x\n", 1), "3,500", "changed: line 500 is not the one that was sealed"},
		{strings.Replace(lineText(600), "line 2\n", "", 1), "3,500", "changed: line 3 is not the one that was sealed"},
		{lineText(499), "3,500", "truncated: 600 lines were sealed, line 500 is missing"},
		{lineText(600), "3,601", "line 601 is not sealed yet: 600 lines are"},
	} {
		l := newLog(t, lineText(600))
		mustSeal(t, l, key)
		write(t, l.Path, test.change+"line 600\n"+"unsealed\n")
		if test.change == lineText(499) {
			write(t, l.Path, test.change)
		}
		text, err := bundleOf(t, l, test.lines)
		if err == nil || err.Error() != test.want {
			t.Errorf("%s: %v, want %s", test.lines, err, test.want)
		}
		if r, _, err := verdictOf(t, text, seal.VerifyOptions{}); err == nil && r.Verdict.OK() {
			t.Errorf("%s: %+v:\n%s", test.lines, r, text)
		}
	}
	l := newLog(t, lineText(600))
	mustSeal(t, l, key)
	tile := l.Path + ".tlog/tile/0/001"
	write(t, tile, strings.Replace(read(t, tile), "a", "b", 1))
	if _, err := bundleOf(t, l, "300"); err == nil || !strings.HasPrefix(err.Error(), "changed: the tiles in ") {
		t.Errorf("a changed tile: %v", err)
	}
	if _, err := bundleOf(t, l, "3,260"); err == nil || !strings.HasPrefix(err.Error(), "changed: the tiles in ") {
		t.Errorf("a changed tile between the lines: %v", err)
	}
	b, err := l.Bundle(io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if err := errors.Join(b.Add(4, []byte("line 4")), b.Add(4, []byte("line 4"))); err == nil || err.Error() != "line 4 is not after line 4" {
		t.Errorf("twice: %v", err)
	}
	if _, err := (seal.Log{Path: l.Path + "x"}).Bundle(io.Discard); !os.IsNotExist(err) {
		t.Errorf("no log: %v", err)
	}
	if _, err := newLog(t, "x\n").Bundle(io.Discard); err != seal.ErrNotSealed {
		t.Errorf("not sealed: %v", err)
	}
}

// Lines of a rotated and compressed log are counted from its oldest file on. Whole files
// are skipped, and may be gone unless they have a line that is wanted.
func TestBundleRotated(t *testing.T) {
	key := newKey(t, "example.com/audit")
	o := seal.VerifyOptions{Verifier: key.Verifier}
	for _, format := range []compress.Format{compress.None, compress.Gzip} {
		l := seal.Log{Path: filepath.Join(t.TempDir(), "audit.jsonl")}
		emit(t, l, collector.Rotation{}, numbered(1, 100))
		mustSeal(t, l, key)
		for _, n := range []int{101, 201, 301} {
			emit(t, l, collector.Rotation{Size: 4000, Compress: format}, numbered(n, 100))
			mustSeal(t, l, key)
		}
		emit(t, l, collector.Rotation{Size: 4000, Compress: format}, numbered(401, 200)) // not sealed
		text := numbered(1, 600)
		check := func(lines string) {
			t.Helper()
			wanted, _ := seal.ParseLines(lines)
			r, have, err := verdictOf(t, mustBundle(t, l, lines), o)
			if want := chosen(text, wanted); err != nil || r.Verdict != seal.Intact || have != want {
				t.Errorf("%s: %+v, %v:\n%s", lines, r, err, have)
			}
		}
		for _, lines := range []string{"1", "100-101", "1-400", "3,399-400", "250", "99,120,121,301"} {
			check(lines)
		}
		b, err := l.Bundle(io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		in, pruned, err := b.Reader()
		if err != nil {
			t.Fatal(err)
		}
		have, err := io.ReadAll(in)
		if err != nil || pruned != 0 || string(have) != text {
			t.Errorf("read %d lines, %v", strings.Count(string(have), "\n"), err)
		}
		oldest := l.Path
		for n := 1; ; n++ {
			next, _ := filepath.Glob(fmt.Sprintf("%s.%d*", l.Path, n))
			if len(next) == 0 {
				break
			}
			oldest = next[0]
		}
		if err := os.Remove(oldest); err != nil {
			t.Fatal(err)
		}
		check("250-300")
		if _, err := bundleOf(t, l, "1,300"); err == nil || !strings.HasPrefix(err.Error(), "truncated: the lines from 1 to ") {
			t.Errorf("a line that is gone: %v", err)
		}
		in, pruned, err = b.Reader()
		if err != nil {
			t.Fatal(err)
		}
		have, err = io.ReadAll(in)
		if err != nil || pruned == 0 || string(have) != chosen(text, seal.Lines{{First: pruned + 1, Last: 600}}) {
			t.Errorf("without the first %d lines: %v\n%.300s", pruned, err, have)
		}
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}
}

// chosen returns some lines of a text.
func chosen(text string, wanted seal.Lines) string {
	var lines strings.Builder
	n := int64(0)
	for line := range strings.Lines(text) {
		if n++; wanted.Has(n) {
			lines.WriteString(line)
		}
	}
	return lines.String()
}

// A log that is rotated while its lines are read is read on.
func TestBundleRotatedMeanwhile(t *testing.T) {
	key := newKey(t, "example.com/audit")
	plain := newLog(t, numbered(1, 300))
	mustSeal(t, plain, key)
	rotate := func(names ...string) {
		for i := range names[1:] {
			if err := os.Rename(plain.Path+names[i+1], plain.Path+names[i]); err != nil {
				t.Fatal(err)
			}
		}
	}
	rotate(".1", "")
	appendTo(t, plain.Path, numbered(301, 300))
	mustSeal(t, plain, key)
	opened := 0
	l := seal.WithOpening(plain, func() {
		switch opened++; opened {
		case 3:
			rotate(".2", ".1", "")
		case 5:
			appendTo(t, plain.Path, "not sealed\n")
			rotate(".3", ".2", ".1", "")
		}
	})
	r, have, err := verdictOf(t, mustBundle(t, l, "1,300-301,600"), seal.VerifyOptions{Verifier: key.Verifier})
	if err != nil || r.Verdict != seal.Intact || r.Proven.Count != 4 || opened < 6 {
		t.Errorf("%+v, %v, %d files opened:\n%s", r, err, opened, have)
	}
}

// Of an erased line a bundle has the event in its place, which proves the hash of what was
// erased together with the signed list; other lines are proven as before.
func TestBundleErased(t *testing.T) {
	key, other := newKey(t, "example.com/audit"), newKey(t, "example.com/audit")
	l := newLog(t, numbered(1, 300))
	mustSeal(t, l, key)
	before := mustBundle(t, l, "3,299")
	had := read(t, l.Path)
	mustErase(t, l, key, erasing(t, "2,17-18"))
	mustErase(t, l, key, erasing(t, "299"))
	o := seal.VerifyOptions{Verifier: key.Verifier}
	for lines, gone := range map[string]string{"3,16,19,298": "", "1-20": "2,17-18", "2": "2", "17,299-300": "17,299", "1-300": "2,17-18,299"} {
		bundle := mustBundle(t, l, lines)
		r, have, err := verdictOf(t, bundle, o)
		wanted, _ := seal.ParseLines(lines)
		if err != nil || r.Verdict != seal.Intact || r.Gone.First.String() != gone || have != chosen(read(t, l.Path), wanted) {
			t.Errorf("%s: %+v, %v:\n%s", lines, r, err, have)
		}
		if strings.Contains(bundle, "auditctl erasures") != (gone != "") {
			t.Errorf("%s: the list of erasures is there or not:\n%s", lines, bundle)
		}
	}
	if r, _, err := verdictOf(t, before, o); err != nil || r.Verdict != seal.Intact {
		t.Errorf("what was proven before: %+v, %v", r, err)
	}
	bundle := mustBundle(t, l, "17,300")
	list := bundle[strings.Index(bundle, "auditctl erasures"):strings.Index(bundle, "17 {")]
	for name, changed := range map[string]string{
		"changed: line 17 was erased, and what took its place was changed":                                      strings.Replace(bundle, `"line": 17`, `"line": 16`, 1),
		"changed: its lines, with the hashes between them, are not those that were sealed":                      strings.Replace(bundle, list, "", 1),
		"not by this key: not signed by this key, " + key.Verifier.Name() + fmt.Sprintf("+%08x", key.KeyHash()): strings.Replace(bundle, " 2,17-18 ", " 2,17-19 ", 1),
		"line 16: the list of erasures is of another log":                                                       strings.Replace(bundle, list, sign(t, key, "auditctl erasures\n"+key.Verifier.Name()+"\nerased 2026-03-10T12:00:00Z 17,301 \"asked for\"\n")+"\n", 1),
		"line 19: want line 18, or what is omitted from there on":                                               strings.Replace(bundle, "omitted 18-299\n", list+"omitted 18-299\n", 1),
	} {
		r, _, err := verdictOf(t, changed, o)
		got := string(r.Verdict) + ": " + r.Reason
		if err != nil {
			got = err.Error()
		}
		if got != name {
			t.Errorf("%s, want %s:\n%s", got, name, changed)
		}
	}
	for i := range bundle {
		changed := bundle[:i] + string([]byte{bundle[i] ^ 1}) + bundle[i+1:]
		if r, _, err := verdictOf(t, changed, o); err == nil && r.Verdict.OK() {
			t.Errorf("byte %d was changed: %s\n%s", i, r.Verdict, changed)
		}
	}
	// The list of another log, and text that came back.
	foreign := newLog(t, numbered(1, 300))
	mustSeal(t, foreign, other)
	mustErase(t, foreign, other, erasing(t, "17"))
	theirs := mustBundle(t, foreign, "17")
	theirs = theirs[strings.Index(theirs, "auditctl erasures"):strings.Index(theirs, "17 {")]
	if r, _, err := verdictOf(t, strings.Replace(bundle, list, theirs, 1), o); err != nil || r.Verdict != seal.OtherKey {
		t.Errorf("the list of another log: %+v, %v", r, err)
	}
	write(t, l.Path, had)
	text, err := bundleOf(t, l, "17")
	if err == nil || err.Error() != "line 17 is listed as erased and still there: erase it again" || strings.Contains(text, `"n": 17`) {
		t.Errorf("a line that came back: %v:\n%s", err, text)
	}
}

// Neither many lines nor long ones need much memory.
func TestBundleMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector allocates")
	}
	key := newKey(t, "example.com/audit")
	l := newLog(t, strings.Repeat("\n", 20_000)+strings.Repeat("long", 2<<20)+"\n"+strings.Repeat("x\n", 10))
	mustSeal(t, l, key)
	wanted := seal.Lines{{First: 1000, Last: 20_002}, {First: 20_004, Last: 20_011}}
	text := []byte(chosen(read(t, l.Path), wanted))
	bundle := mustBundle(t, l, wanted.String())
	if n := allocated(func() {
		r, err := seal.VerifyBundle(strings.NewReader(bundle), io.Discard, seal.VerifyOptions{Verifier: key.Verifier})
		if err != nil || r.Verdict != seal.Intact {
			t.Errorf("%+v, %v", r, err)
		}
	}); n > 500_000 {
		t.Errorf("%d bytes to verify", n)
	}
	for name, add := range map[string]func(b *seal.BundleWriter) error{
		"AddLines": func(b *seal.BundleWriter) error { return b.AddLines(t.Context(), wanted) },
		"Add": func(b *seal.BundleWriter) (err error) {
			rest := text
			for _, r := range wanted {
				for n := r.First; n <= r.Last && err == nil; n++ {
					var line []byte
					line, rest, _ = bytes.Cut(rest, []byte{'\n'})
					err = b.Add(n, line)
				}
			}
			return err
		},
	} {
		b, err := l.Bundle(io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		if n := allocated(func() { err = errors.Join(add(b), b.Close()) }); err != nil || n > uint64(len(text)) {
			t.Errorf("%s: %v, %d bytes to write %d", name, err, n, len(text))
		}
	}
}

// allocated returns how many bytes do allocates.
func allocated(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}
