package otlp_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"auditctl/pkg/collector/otlp"
)

// BenchmarkSend sends blocks and waits for each to be acknowledged, as the commands do.
func BenchmarkSend(b *testing.B) {
	session, err := os.ReadFile("../../../testdata/session.jsonl")
	if err != nil {
		b.Fatal(err)
	}
	var block []byte
	for len(block) < 256<<10 {
		block = append(block, session...)
	}
	sink := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body) }))
	defer sink.Close()
	encodes := &loopback{discard: true}
	for _, test := range []struct {
		name string
		url  string
		opts otlp.Options
	}{
		{"encode", "http://loopback", otlp.Options{Client: encodes.client(), Uncompressed: true}},
		{"encode,gzip", "http://loopback", otlp.Options{Client: encodes.client()}},
		{"loopback", sink.URL, otlp.Options{Uncompressed: true}},
		{"loopback,gzip", sink.URL, otlp.Options{}},
	} {
		b.Run(test.name, func(b *testing.B) {
			c := open(b, test.url, &test.opts)
			b.SetBytes(int64(len(block)))
			b.ReportAllocs()
			encodes.bytes = 0
			for b.Loop() {
				if err := c.EmitLines(block); err != nil {
					b.Fatal(err)
				}
				if err := c.Flush(); err != nil {
					b.Fatal(err)
				}
			}
			if encodes.bytes > 0 {
				b.ReportMetric(float64(encodes.bytes)/float64(b.N)/float64(len(block)), "sent/byte")
			}
		})
	}
}
