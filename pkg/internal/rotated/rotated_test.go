package rotated_test

import (
	"slices"
	"testing"

	"auditctl/pkg/internal/rotated"
)

// Number and Parse recognize what Path returns, compressed or not, also for logs with odd
// names.
func TestPath(t *testing.T) {
	for _, base := range []string{"audit.jsonl", "audit", "audit.1", "audit.gz"} {
		for _, n := range []int{1, 2, 10, 1234} {
			for _, suffix := range []string{"", ".gz", ".zst"} {
				name := rotated.Path(base, n) + suffix
				if got, ok := rotated.Number(base, name); got != n || !ok {
					t.Errorf("%s of %s: %d, %t", name, base, got, ok)
				}
				if got, ok := rotated.Parse(base, name); !ok || got != (rotated.Name{Plain: rotated.Path(base, n), Suffix: suffix, Number: n}) {
					t.Errorf("%s of %s: %+v, %t", name, base, got, ok)
				}
			}
		}
	}
}

func TestNumber(t *testing.T) {
	if n, ok := rotated.Number("a.jsonl", "a.jsonl"); n != 0 || !ok {
		t.Errorf("the log itself: %d, %t", n, ok)
	}
	for _, name := range []string{
		"", "a", "b.jsonl.1", "a.jsonl.0", "a.jsonl.01", "a.jsonl.-1", "a.jsonl.+1", "a.jsonl.1x", "a.jsonl.", "a.jsonl1",
		"a.jsonl.gz", "a.jsonl.1.xz", "a.jsonl.1.gz.zst", "a.jsonl.1.zst.gz", "a.jsonl.tlog", "a.jsonl-20260310",
	} {
		if n, ok := rotated.Number("a.jsonl", name); ok {
			t.Errorf("%q has number %d", name, n)
		}
	}
}

func TestParse(t *testing.T) {
	odd := rotated.Name{Number: -1, Odd: true}
	dated := rotated.Name{Number: -1}
	within := rotated.Name{Number: -1, Within: true}
	for name, want := range map[string]rotated.Name{
		"a.jsonl.0":                     {},
		"a.jsonl.12.xz":                 {Number: 12},
		"a.1.jsonl":                     {Number: 1, Within: true},
		"a.jsonl-20260310":              dated,
		"a.jsonl.2026-03-11.gz":         dated,
		"a.jsonl-20260312T101112Z.1":    dated,
		"a.jsonl-1773100800.zst":        dated,
		"a.jsonl.202603":                dated,
		"a-20260311.jsonl.bz2":          within,
		"a-2026-03-11T10:11:12.5.jsonl": within,
		"a.jsonl.old":                   odd,
		"a.jsonl.01":                    odd,
		"a.jsonl-2026":                  odd,
		"a.jsonl.bakery":                odd,
	} {
		got, ok := rotated.Parse("a.jsonl", name)
		want.Plain, want.Suffix = got.Plain, got.Suffix
		if !ok || got != want || got.Plain+got.Suffix != name {
			t.Errorf("%s: %+v, %t; want %+v", name, got, ok, want)
		}
	}
}

// Neither the log itself, nor files that we or others keep beside it, nor other logs are
// rotated files of it.
func TestParseOthers(t *testing.T) {
	for _, name := range []string{
		"a.jsonl", "a.jsonl.gz", "a.jsonl.xz", "b.jsonl", "a", "a.json", "a-b.jsonl", "a-2.jsonl", "",
		"a.jsonl.tlog", "a.jsonl.seq", "a.jsonl.torn", "a.jsonl.torn.1", "a.jsonl.compressing", "a.jsonl.repairing", "a.jsonl.bak",
		"a.jsonl.rejects", "a.jsonl.idx", "a.jsonl~", "a.jsonl.1~", "a.jsonl.swp", "a.jsonl.1.tmp", "a.jsonl.orig.gz",
	} {
		if got, ok := rotated.Parse("a.jsonl", name); ok {
			t.Errorf("%q: %+v", name, got)
		}
	}
	if got, ok := rotated.Parse("audit", "audit-20260310"); !ok || got.Within {
		t.Errorf("a log without extension: %+v, %t", got, ok)
	}
}

// Numbers in names compare by value.
func TestCompare(t *testing.T) {
	want := []string{"a", "a.2", "a.10", "a.010b", "a.10c", "a.2026-3-9", "a.2026-03-10", "b"}
	for i, a := range want {
		for j, b := range want {
			if c := rotated.Compare(a, b); (c < 0) != (i < j) || (c > 0) != (i > j) {
				t.Errorf("%s and %s: %d", a, b, c)
			}
		}
	}
	if !slices.IsSortedFunc(want, rotated.Compare) {
		t.Error("not sorted")
	}
}
