package follow_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// renamed moves the log and begins a new one.
func (r *reading) renamed(to, text string) {
	r.t.Helper()
	r.moves++
	r.changed("a.jsonl", time.Duration(r.moves)*time.Second)
	r.rename("a.jsonl", to)
	r.add("a.jsonl", text)
}

// copied copies the log, truncates it and writes to it.
func (r *reading) copied(to, text string) {
	r.t.Helper()
	have, err := os.ReadFile(r.path("a.jsonl"))
	r.do(err)
	r.add(to, string(have))
	r.do(os.Truncate(r.path("a.jsonl"), 0))
	r.add("a.jsonl", text)
}

// compressed compresses a file, keeping its time.
func (r *reading) compressed(name, suffix string) {
	r.t.Helper()
	text, err := os.ReadFile(r.path(name))
	r.do(err)
	st, err := os.Stat(r.path(name))
	r.do(err)
	r.add(name+suffix, gzipped(string(text)))
	r.do(os.Chtimes(r.path(name+suffix), time.Time{}, st.ModTime()))
	r.do(os.Remove(r.path(name)))
}

func (r *reading) remove(name string) { r.t.Helper(); r.do(os.Remove(r.path(name))) }

// Whatever happens between two looks, everything that can be found is read, and anything
// that may be missing is reported.
func TestBetweenLooks(t *testing.T) {
	for name, test := range map[string]struct {
		before  string // what is in the log at first
		do      func(r *reading)
		want    string
		missing string // the reason
	}{
		"dates": {before: "1\n", want: "1\n2\n3\n4\n5\n6\n", do: func(r *reading) {
			r.add("a.jsonl", "2\n")
			r.renamed("a.jsonl-20260310", "3\n")
			r.renamed("a.jsonl.2026-03-11", "4\n")
			r.renamed("a.jsonl-20260312T101112Z.1", "5\n")
			r.renamed("a.jsonl-1773100800", "6\n")
		}},
		"dates that do not sort": {before: "1\n", want: "1\n2\n3\n4\n", do: func(r *reading) {
			for n, name := range []string{"a.jsonl-09032026", "a.jsonl-10022026", "a.jsonl-08042026"} {
				r.renamed(name, fmt.Sprintln(n+2))
				r.changed(name, time.Duration(n-10)*time.Hour)
			}
		}},
		"dates with the same time": {before: "1\n", want: "1\n2\n3\n4\n", do: func(r *reading) {
			for n, name := range []string{"a.jsonl-20260310-8", "a.jsonl-20260310-9", "a.jsonl-20260310-10"} {
				r.renamed(name, fmt.Sprintln(n+2))
				r.do(os.Chtimes(r.path(name), time.Time{}, time.Unix(1773100800, 0)))
			}
		}},
		"dates, compressed": {before: "1\n", want: "1\n2\n3\n4\n", do: func(r *reading) {
			r.renamed("a.jsonl-20260310", "2\n")
			r.renamed("a.jsonl-20260311", "3\n")
			r.compressed("a.jsonl-20260310", ".gz")
			r.compressed("a.jsonl-20260311", ".gz")
			r.renamed("a.jsonl-20260312", "4\n")
		}},
		"being compressed": {before: "1\n", want: "1\n2\n3\n", do: func(r *reading) {
			r.renamed("a.jsonl-20260310", "2\n")
			r.renamed("a.jsonl-20260311", "3\n")
			r.add("a.jsonl-20260311.gz", gzipped("2\n")[:10])
		}},
		"older ones are compressed": {before: "1\n", want: "1\n2\n", do: func(r *reading) {
			r.compressed("a.jsonl-20260301", ".gz")
			r.renamed("a.jsonl-20260310", "2\n")
		}},
		"many": {before: "0\n", want: "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16\n17\n18\n19\n20\n", do: func(r *reading) {
			for n := range 20 {
				r.renamed(fmt.Sprintf("a.jsonl-202603%02d", n+1), fmt.Sprintln(n+1))
			}
		}},
		"dates before the extension": {before: "1\n", want: "1\n2\n3\n4\n", do: func(r *reading) {
			r.renamed("a-20260310.jsonl", "2\n")
			r.renamed("a-20260311.jsonl", "3\n")
			r.compressed("a-20260311.jsonl", ".gz")
			r.renamed("a-20260312.jsonl", "4\n")
		}},
		"another log with a date": {before: "1\n", want: "1\n2\n", do: func(r *reading) {
			r.add("a-20260310.jsonl", "other\n")
			r.renamed("a.jsonl.1", "2\n")
		}},
		"other names": {before: "{1}\n", want: "{1}\n{2}\n{3}\n", do: func(r *reading) {
			r.renamed("a.jsonl.last-but-one", "{2}\n")
			r.renamed("a.jsonl-last", "{3}\n")
			for _, name := range []string{"a.jsonl.torn", "a.jsonl.torn.1", "a.jsonl~", "a.jsonl.1.bak", "a.jsonl.compressing", "a.jsonl.idx", "b.jsonl-20260310"} {
				r.add(name, "{none}\n")
			}
			r.add("a.jsonl.sha256", "\x00")
		}},
		"the oldest are deleted": {before: "1\n", want: "1\n3\n4\n", missing: gone, do: func(r *reading) {
			r.renamed("a.jsonl-20260310", "2\n")
			r.renamed("a.jsonl-20260311", "3\n")
			r.renamed("a.jsonl-20260312", "4\n")
			r.remove("a.jsonl-20260310")
			r.remove("a.jsonl-20260311")
		}},
		"all are deleted": {before: "1\n", want: "1\n2\n", missing: gone, do: func(r *reading) {
			r.remove("a.jsonl")
			r.add("a.jsonl", "2\n")
		}},
		"gone, and another begins alike": {before: "1\n", want: "1\n3\n", missing: gone, do: func(r *reading) {
			r.remove("a.jsonl")
			r.add("a.jsonl", "3\n")
			r.add("a.jsonl-20260311", "1\n2\n")
		}},
		"gone, and an older one comes back": {before: "1\n", want: "1\n3\n", missing: gone, do: func(r *reading) {
			r.remove("a.jsonl")
			r.add("a.jsonl", "3\n")
			r.add("a.jsonl-20260308", "0\n")
			r.changed("a.jsonl-20260308", -time.Hour)
		}},
		"gone, and older ones are compressed": {before: "1\n", want: "1\n3\n", missing: gone, do: func(r *reading) {
			r.remove("a.jsonl.7")
			r.add("a.jsonl.7.gz", gzipped("old\n"))
			r.changed("a.jsonl.7.gz", time.Hour)
			r.remove("a.jsonl")
			r.add("a.jsonl", "3\n")
		}},
		"compressed by others": {before: "1\n", want: "1\n3\n", missing: "a.jsonl-20260311.xz cannot be read", do: func(r *reading) {
			r.renamed("a.jsonl-20260310", "2\n")
			r.renamed("a.jsonl-20260311", "3\n")
			r.compressed("a.jsonl-20260311", ".xz")
		}},
		"a copy of what was read": {before: "1\n2\n", want: "1\n2\n3\n4\n", do: func(r *reading) {
			r.add("a.jsonl-20260309", "1\n") // a backup, before the last look
			r.changed("a.jsonl-20260309", -time.Hour)
			r.renamed("a.jsonl-20260310", "3\n")
			r.renamed("a.jsonl-20260311", "4\n")
		}},
		"a link, a directory": {before: "1\n", want: "1\n2\n3\n", do: func(r *reading) {
			r.renamed("a.jsonl-20260310", "2\n")
			r.renamed("a.jsonl-20260311", "3\n")
			r.add("secret", "secret\n")
			r.do(os.Symlink("secret", r.path("a.jsonl-20260312")))
			r.do(os.Mkdir(r.path("a.jsonl-20260313"), 0o700))
		}},
		"truncated": {before: "1\n", want: "1\n2\n", missing: truncated, do: func(r *reading) {
			r.do(os.Truncate(r.path("a.jsonl"), 0))
			r.add("a.jsonl", "2\n")
		}},
		"copied": {before: "1\n2\n", want: "1\n2\n3\n4\n5\n6\n", do: func(r *reading) {
			r.add("a.jsonl", "3\n")
			r.copied("a.jsonl-20260310", "4\n")
			r.copied("a.jsonl-20260311", "5\n")
			r.compressed("a.jsonl-20260311", ".gz")
			r.copied("a.jsonl-20260312", "6\n")
		}},
		"copied, to numbers": {before: "1\n2\n", want: "1\n2\n3\n4\n5\n", do: func(r *reading) {
			r.add("a.jsonl", "3\n")
			r.copied("a.jsonl.1", "4\n")
			r.compressed("a.jsonl.1", ".gz")
			r.rename("a.jsonl.1.gz", "a.jsonl.2.gz")
			r.copied("a.jsonl.1", "5\n")
		}},
		"copied, and longer than before": {before: "1\n", want: "1\n2\n3\n4\n5\n", do: func(r *reading) {
			r.add("a.jsonl", "2\n")
			r.copied("a.jsonl-20260310", "3\n4\n5\n")
		}},
		"copied, and as long as before": {before: "1\n2\n", want: "1\n2\n3\n4\n", do: func(r *reading) {
			r.copied("a.jsonl-20260310", "3\n4\n")
			r.changed("a.jsonl", time.Hour) // later than at the last look
			r.do(r.Wait())
		}},
		"copied, and the copy is damaged": {before: "1\n", want: "1\n2\n3\n", missing: "the compressed data is cut off", do: func(r *reading) {
			r.add("a.jsonl", "2\n")
			r.copied("a.jsonl-20260310", "3\n")
			r.compressed("a.jsonl-20260310", ".gz")
			const checksum = 8
			r.do(os.Truncate(r.path("a.jsonl-20260310.gz"), int64(len(gzipped("1\n2\n"))-checksum)))
		}},
		"copied too early": {before: "1\n2\n3\n", want: "1\n2\n3\n4\n", do: func(r *reading) {
			r.add("a.jsonl-20260310", "1\n2\n")
			r.do(os.Truncate(r.path("a.jsonl"), 0))
			r.add("a.jsonl", "4\n")
		}},
		"copied before anything was read": {before: "", want: "1\n2\n3\n", do: func(r *reading) {
			r.add("a.jsonl", "1\n")
			r.copied("a.jsonl-20260310", "2\n")
			r.copied("a.jsonl-20260311", "3\n")
			r.changed("a.jsonl", time.Hour)
		}},
		"copied, and about to be truncated": {before: "", want: "1\n", missing: "a.jsonl-20260310 may be one of its files", do: func(r *reading) {
			r.add("a.jsonl", "1\n")
			r.add("a.jsonl-20260310", "1\n")
			r.changed("a.jsonl", time.Hour)
		}},
		"older ones with numbers are compressed late": {before: "", want: "1\n", do: func(r *reading) {
			r.add("a.jsonl.7.gz", gzipped("old\n"))
			r.remove("a.jsonl.7")
			r.add("a.jsonl", "1\n")
			r.changed("a.jsonl", time.Hour)
		}},
		"empty ones": {before: "1\n", want: "1\n2\n3\n", do: func(r *reading) {
			r.renamed("a.jsonl.1", "")
			r.rename("a.jsonl.1", "a.jsonl.2")
			r.renamed("a.jsonl.1", "2\n")
			r.rename("a.jsonl.2", "a.jsonl.3")
			r.rename("a.jsonl.1", "a.jsonl.2")
			r.renamed("a.jsonl.1", "3\n")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newLooking(t)
			r.add("a.jsonl-20260301", "old\n")
			r.add("a.jsonl.7", "old\n")
			r.add("a.jsonl", test.before)
			r.do(r.Next())
			r.drain()
			test.do(r)
			r.drain()
			r.drain()
			if have := decompressed(t, append(r.parts, r.have)); have != test.want {
				t.Errorf("read %q, want %q", have, test.want)
			}
			if have := strings.Join(r.missing, "; "); have != test.missing {
				t.Errorf("missing %q, want %q", have, test.missing)
			}
		})
	}
}

// If the name of a log has no extension, names that begin with it may be other logs.
func TestOtherLog(t *testing.T) {
	r := newLookingAt(t, "a")
	r.add("a", "1\n")
	r.do(r.Next())
	r.drain()
	r.add("ab", "10\n")
	r.rename("a", "a.1")
	r.add("a", "2\n")
	r.drain()
	if have := decompressed(t, append(r.parts, r.have)); have != "1\n2\n" {
		t.Errorf("read %q", have)
	}
	r.wantMissing()
}

// Files that come between two looks at a path that did not exist are read, too.
func TestMissingBetweenLooks(t *testing.T) {
	r := newLooking(t)
	r.add("a.jsonl-20260309", "old\n")
	r.do(r.Look())
	r.add("a.jsonl", "1\n")
	r.renamed("a.jsonl-20260310", "2\n")
	r.do(r.Next())
	r.drain()
	if have := decompressed(t, append(r.parts, r.have)); have != "1\n2\n" {
		t.Errorf("read %q", have)
	}
	r.wantMissing()
}

// A symbolic link that leads to a file for each day misses none of them.
func TestDatedLink(t *testing.T) {
	r := newLooking(t)
	link := func(to string) {
		t.Helper()
		os.Remove(r.path("a.jsonl"))
		r.do(os.Symlink(to, r.path("a.jsonl")))
	}
	for n := range 3 {
		r.add(fmt.Sprintf("a.jsonl.2026031%d", n), fmt.Sprintln(n))
	}
	link("a.jsonl.20260312")
	r.do(r.Next())
	r.drain()
	for n := 3; n < 6; n++ {
		r.add(fmt.Sprintf("a.jsonl.2026031%d", n), fmt.Sprintln(n))
		link(fmt.Sprintf("a.jsonl.2026031%d", n))
	}
	r.drain()
	if have := decompressed(t, append(r.parts, r.have)); have != "2\n3\n4\n5\n" {
		t.Errorf("read %q", have)
	}
	r.wantMissing()
}

// What is written to a file after it was moved is read in whole lines, and never in the
// middle of a line of the new one.
func TestLate(t *testing.T) {
	r := newLooking(t)
	r.size = 10
	look := func(want string) {
		t.Helper()
		r.parts, r.have = nil, ""
		r.drain()
		if have := decompressed(t, append(r.parts, r.have)); have != want {
			t.Errorf("read %q, want %q", have, want)
		}
	}
	r.add("a.jsonl", "1\n2")
	r.do(r.Next())
	look("1\n")
	r.renamed("a.jsonl.1", "")
	look("")
	r.add("a.jsonl.1", "0\n") // the new one has not begun
	look("20\n")
	r.add("a.jsonl.1", "30\n")
	r.add("a.jsonl", "1234567890123")
	look("30\n1234567890")
	r.add("a.jsonl.1", "40\n5")
	look("")
	r.add("a.jsonl", "\n")
	r.do(r.Wait())
	look("123\n40\n")
	r.add("a.jsonl.1", "0\n")
	r.do(r.Wait())
	look("50\n")
	r.renamed("a.jsonl.2", "60\n")
	look("60\n")
	r.add("a.jsonl.2", "70\n")
	look("70\n")
	r.wantMissing()
}
