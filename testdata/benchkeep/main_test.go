package main

import (
	"strings"
	"testing"
)

const output = `goos: linux
cpu: A machine
pkg: auditctl/pkg/a
BenchmarkX/one-8    	 100	 30.5 ns/op	 10.00 MB/s
BenchmarkX/one-8    	 100	 10.0 ns/op	 30.00 MB/s
BenchmarkX/one-8    	 100	 20.0 ns/op	 20.00 MB/s
BenchmarkY
BenchmarkY-8        	 100	 123456.7 ns/op	 3 B/op
PASS
ok  	auditctl/pkg/a	1.0s
pkg: auditctl/pkg/b
PASS
`

func TestPage(t *testing.T) {
	r, err := read(strings.NewReader(strings.ReplaceAll(output, "-8 ", " ")))
	if err != nil {
		t.Fatal(err)
	}
	var page strings.Builder
	r.write(&page)
	for _, want := range []string{
		"\n## pkg/a\n\n| benchmark | ns/op | MB/s | B/op |\n|---|---:|---:|---:|\n| X/one | 20 | 20 |  |\n| Y | 123457 |  | 3 |\n",
		"```text\npkg: auditctl/pkg/a\nBenchmarkX/one",
	} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("no %q in %s", want, &page)
		}
	}
	if strings.Contains(page.String(), "## pkg/b") || r.cpu != "A machine" {
		t.Errorf("of %q:\n%s", r.cpu, &page)
	}
}

// Numbers of benchmarks that failed are not kept.
func TestFailed(t *testing.T) {
	if _, err := read(strings.NewReader(output + "--- FAIL: BenchmarkZ\n")); err == nil {
		t.Error("no error")
	}
}
