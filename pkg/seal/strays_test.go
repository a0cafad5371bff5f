package seal_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"auditctl/pkg/seal"
)

// addTo adds a file to the sidecar of a log.
func addTo(t *testing.T, l seal.Log, name, text string) {
	t.Helper()
	path := filepath.Join(l.Path+".tlog", filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, path, text)
}

// Files that do not belong to a sidecar are reported. A tile that a checkpoint needs must
// have the hashes of its tree, or the log is changed.
func TestStrays(t *testing.T) {
	key := newKey(t, "example.com/audit")
	o := seal.VerifyOptions{Verifier: key.Verifier}
	const changed = "changed"
	sealed := sealedLog(t, key, 18)
	for _, to := range []int{296, 300} {
		write(t, sealed.Path, numbered(0, to))
		mustSeal(t, sealed, key)
	}
	whole := filesOf(t, sealed)
	full, partial := whole["tile/0/000"], whole["tile/0/001.p/44"]
	junk := strings.Repeat("\xff", 256*32)
	for _, c := range []struct{ name, text, want string }{
		{"tile/0/005", junk, "tile/0/005"},
		{"tile/0/005", "", "tile/0/005"},
		{"tile/0/005.p/3", junk[:3*32], "tile/0/005.p/3"},
		{"tile/9/000", junk, "tile/9/000"},
		{"tile/0/x000/001", full, "tile/0/x000/001"},
		{"tile/0/x000/y/z", "", "tile/0/x000/y/"},
		{"tile/0/0", full, "tile/0/0"},
		{"tile/x", "", "tile/x"},
		{"tile/entries/000", "", "tile/entries/"},
		{"\x1b[31m\n", "", "\x1b[31m\n"},
		{"manifest.part", "", "manifest.part"},
		{"tile/0/001.p/45.part", "", "tile/0/001.p/45.part"},

		// Tiles that an earlier checkpoint needs.
		{"tile/0/000.p/18", full[:18*32], ""},
		{"tile/0/000.p/18", full[:17*32] + junk[:32], changed},
		{"tile/0/000.p/18", full[:17*32], changed},
		{"tile/0/001.p/40", junk[:40*32], changed},

		// Tiles that none needs, or that are not in the tree yet.
		{"tile/0/000.p/17", full[:17*32], ""},
		{"tile/0/000.p/17", full[:16*32] + junk[:32], "tile/0/000.p/17"},
		{"tile/0/000.p/17", "", "tile/0/000.p/17"},
		{"tile/0/001.p/41", partial[:41*32], ""},
		{"tile/0/001.p/41", "", "tile/0/001.p/41"},
		{"tile/0/001.p/45", partial + junk[:32], "tile/0/001.p/45"},
		{"tile/0/001", partial + junk[len(partial):], "tile/0/001"},
		{"tile/0/001", "", "tile/0/001"},
		{"tile/1/000", junk, "tile/1/000"},
	} {
		l := newLog(t, numbered(0, 300))
		whole.put(t, l)
		addTo(t, l, c.name, c.text)
		r := verify(t, l, o)
		switch got := strings.Join(r.Strays, " "); {
		case c.want == changed && (r.Verdict != seal.Changed || !strings.Contains(r.Reason, filepath.FromSlash(c.name))):
			t.Errorf("%q: %s, %s: want changed", c.name, r.Verdict, r.Reason)
		case c.want != changed && (r.Verdict != seal.Intact || got != c.want || r.StrayCount != len(r.Strays)):
			t.Errorf("%q: %s, %s, strays %q: want %q", c.name, r.Verdict, r.Reason, got, c.want)
		}
		if _, err := l.Seal(context.Background(), key.Key, seal.Options{}); err != nil {
			t.Errorf("%q: seal: %v", c.name, err)
		}
	}
}

// However many strays there are, a report names no more than ten.
func TestManyStrays(t *testing.T) {
	key := newKey(t, "example.com/audit")
	l := sealedLog(t, key, 3)
	for i := range 25 {
		addTo(t, l, fmt.Sprint("stray", i), "")
	}
	r := verify(t, l, seal.VerifyOptions{Verifier: key.Verifier})
	if r.Verdict != seal.Intact || len(r.Strays) != 10 || r.StrayCount != 25 {
		t.Errorf("%s, %d strays: %q", r.Verdict, r.StrayCount, r.Strays)
	}
}

// Signatures that are not verified are reported, each key once.
func TestUnverifiedSignatures(t *testing.T) {
	key := newKey(t, "example.com/audit")
	l := sealedLog(t, key, 3)
	own := fmt.Sprintf("example.com/audit+%08x", key.Verifier.KeyHash())
	signed := read(t, l.Path+".tlog/checkpoint")
	made := "— witness.example AAECAwQFBgcICQ==\n" // an id, and an invalid signature
	const witness = "witness.example+00010203"
	for _, c := range []struct {
		against string
		keyed   bool
		want    []string
	}{
		{"", true, nil},
		{"", false, []string{own}},
		{signed, true, nil},
		{signed + made, true, []string{witness}},
		{signed + made + "\n" + signed + made, true, []string{witness}},
		{signed + made, false, []string{own, witness}},
		{strings.ReplaceAll(signed+made, "example.com/audit\n", "example.com/other\n") + "\n" + signed, true, nil},
	} {
		o := seal.VerifyOptions{Against: []byte(c.against)}
		if c.keyed {
			o.Verifier = key.Verifier
		}
		if r := verify(t, l, o); !r.Verdict.OK() || !slices.Equal(r.Unverified, c.want) {
			t.Errorf("against %q: %s, %s; unverified %q, want %q", c.against, r.Verdict, r.Reason, r.Unverified, c.want)
		}
	}

	proof, err := l.ProveLine(1)
	if err != nil {
		t.Fatal(err)
	}
	line := strings.TrimSuffix(numbered(0, 1), "\n")
	if _, c, err := seal.VerifyLine([]byte(line), append(proof, made...), key.Verifier); err != nil || !slices.Equal(c.Unverified(), []string{witness}) {
		t.Errorf("proof of a line: %v, unverified %q", err, c.Unverified())
	}
	// Signatures of the manifest are reported as well.
	addTo(t, l, "manifest", read(t, l.Path+".tlog/manifest")+made)
	if r := verify(t, l, seal.VerifyOptions{Verifier: key.Verifier}); !slices.Equal(r.Unverified, []string{witness}) {
		t.Errorf("manifest: %s, unverified %q", r.Verdict, r.Unverified)
	}
}
