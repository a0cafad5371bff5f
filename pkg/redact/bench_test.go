package redact_test

import (
	"bytes"
	"slices"
	"testing"

	"auditctl/pkg/redact"
	"auditctl/pkg/redact/rule"
	"auditctl/testdata/generated"
)

// generatedLines returns lines of a generated log.
func generatedLines(n int) [][]byte {
	next, lines := generated.Log(), make([][]byte, n)
	for i := range lines {
		lines[i] = bytes.TrimSuffix(next(), []byte("\n"))
	}
	return lines
}

// everything are options of all built-in rules and some patterns.
func everything() redact.Options {
	rules := slices.Concat(rule.Secrets(), rule.Personal())
	return redact.Options{Keys: keys("password,**.authorization,metadata.*.secret", redact.Mask), Rules: rules, SecretNames: true}
}

func benchmark(b *testing.B, o redact.Options, lines [][]byte) {
	r := newRedactor(b, o)
	size := int64(0)
	for _, line := range lines {
		size += int64(len(line)) + 1
	}
	b.SetBytes(size)
	b.ReportAllocs()
	var dst []byte
	for b.Loop() {
		for _, line := range lines {
			dst, _ = r.Append(dst[:0], line)
		}
	}
}

func BenchmarkClean(b *testing.B) { benchmark(b, everything(), generatedLines(20_000)) }

func BenchmarkKeys(b *testing.B) {
	benchmark(b, redact.Options{Keys: everything().Keys}, generatedLines(20_000))
}

func BenchmarkAnyKey(b *testing.B) {
	benchmark(b, redact.Options{Keys: keys("metadata.*", redact.Mask)}, generatedLines(20_000))
}

func BenchmarkDirty(b *testing.B) {
	lines := generatedLines(20_000)
	for i, line := range lines {
		lines[i] = append(bytes.TrimSuffix(line, []byte("}")), `, "password": "hunter2", "a": "{\"b\": \"export TOKEN=ghp_0123456789\"}"}`...)
	}
	benchmark(b, everything(), lines)
}
