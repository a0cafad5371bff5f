package seal_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"auditctl/pkg/seal"
)

// Whatever text is verified as a bundle, it is an error or a verdict. If no change is found,
// tlog finds a proof in it for each of its lines.
func FuzzVerifyBundle(f *testing.F) {
	key := newKey(f, "example.com/audit")
	for n, lines := range map[int]string{1: "1", 2: "2", 6: "1-6", 21: "3,17-20", 300: "2,256-258"} {
		l := newLog(f, strings.Replace(lineText(n), "line 1\n", "\x00\r\n", 1))
		mustSeal(f, l, key)
		f.Add([]byte(mustBundle(f, l, lines)))
	}
	f.Fuzz(func(t *testing.T, bundle []byte) {
		var lines bytes.Buffer
		r, err := seal.VerifyBundle(bytes.NewReader(bundle), &lines, seal.VerifyOptions{})
		if err != nil || !r.Verdict.OK() {
			return
		}
		if r.Proven.Count == 0 {
			t.Fatal("nothing is proven")
		}
		checkBundle(t, string(bundle), r, lines.String())
	})
}

// checkBundle checks each line that a bundle proves.
func checkBundle(t *testing.T, bundle string, r seal.BundleReport, lines string) {
	checkpoint, body, _ := strings.Cut(strings.TrimPrefix(bundle, "auditctl bundle v1\n\n"), "\n\n— ")
	_, body, _ = strings.Cut(body, "\n\n")
	c, err := seal.ParseCheckpoint([]byte(checkpoint+"\n\n— x AAAAAAA=\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	known := nodes{}
	var numbers []int64
	proven := map[int64]string{}
	next := int64(0)
	var want strings.Builder
	for _, line := range strings.Split(strings.TrimSuffix(body, "\n"), "\n") {
		number, text, _ := strings.Cut(line, " ")
		var n int64
		switch hash, err := tlog.ParseHash(line); {
		case err == nil: // of the largest subtree that begins here
			level, end := 0, numbers[len(numbers)-1]
			for next>>level&1 == 0 && next+2<<level <= end {
				level++
			}
			known[[2]int64{int64(level), next >> level}] = hash
			next += 1 << level
		case number == "omitted":
			wanted, err := seal.ParseLines(text)
			if err != nil {
				t.Fatal(err)
			}
			numbers = append(numbers, wanted[0].Last)
		default:
			if _, err := fmt.Sscan(number, &n); err != nil || n != next+1 {
				t.Fatalf("%d lines, then %q", next, line)
			}
			known[[2]int64{0, next}] = tlog.RecordHash([]byte(text))
			proven[next] = text
			want.WriteString(text + "\n")
			next++
		}
	}
	if int64(len(proven)) != r.Proven.Count || next != c.Lines() || lines != want.String() {
		t.Fatalf("%d lines of %d, want %d of %d: %q", len(proven), next, r.Proven.Count, c.Lines(), lines)
	}
	for n, text := range proven {
		proof, err := tlog.ProveRecord(c.Lines(), n, known)
		if err == nil {
			err = tlog.CheckRecord(proof, c.Lines(), c.Root(), n, tlog.RecordHash([]byte(text)))
		}
		if err != nil {
			t.Fatalf("line %d, %q: %v\n%s", n+1, text, err, bundle)
		}
	}
}

// Nodes are some hashes of a tree, by level and number, from which others follow.
type nodes map[[2]int64]tlog.Hash

func (k nodes) ReadHashes(indexes []int64) (hashes []tlog.Hash, err error) {
	for _, index := range indexes {
		level, n := tlog.SplitStoredHashIndex(index)
		h, ok := k.at(int64(level), n)
		if !ok {
			return nil, errors.New("unknown hash")
		}
		hashes = append(hashes, h)
	}
	return hashes, nil
}

func (k nodes) at(level, n int64) (tlog.Hash, bool) {
	if h, ok := k[[2]int64{level, n}]; ok || level == 0 {
		return h, ok
	}
	left, hasLeft := k.at(level-1, 2*n)
	right, hasRight := k.at(level-1, 2*n+1)
	return tlog.NodeHash(left, right), hasLeft && hasRight
}
