package otlp_test

import (
	"compress/gzip"
	"errors"
	"io"
	"net/http"

	collectorpb "go.opentelemetry.io/proto/slim/otlp/collector/logs/v1"
	logspb "go.opentelemetry.io/proto/slim/otlp/logs/v1"
	"google.golang.org/protobuf/proto"
)

// A loopback is a receiver without a network. It is not safe for concurrent use.
type loopback struct {
	records []*logspb.LogRecord
	discard bool  // count bytes instead of keeping records
	bytes   int64 // discarded
}

func (l *loopback) client() *http.Client { return &http.Client{Transport: l} }

// RoundTrip accepts a request.
func (l *loopback) RoundTrip(r *http.Request) (*http.Response, error) {
	acknowledged := &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}
	if l.discard {
		n, err := io.Copy(io.Discard, r.Body)
		l.bytes += n
		return acknowledged, err
	}
	body := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		decompressed, err := gzip.NewReader(body)
		if err != nil {
			return nil, err
		}
		body = decompressed
	}
	plain, err := io.ReadAll(body)
	unmarshal := proto.Unmarshal
	if r.Header.Get("Content-Type") == "application/json" {
		unmarshal = unmarshalJSON
	}
	var m collectorpb.ExportLogsServiceRequest
	if err := errors.Join(err, unmarshal(plain, &m)); err != nil {
		return nil, err
	}
	l.records = append(l.records, recordsOf(&m)...)
	return acknowledged, nil
}

// take returns the records since the last call.
func (l *loopback) take() []*logspb.LogRecord {
	records := l.records
	l.records = nil
	return records
}
