package otlp

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"
	collectorpb "go.opentelemetry.io/proto/slim/otlp/collector/logs/v1"
	commonpb "go.opentelemetry.io/proto/slim/otlp/common/v1"
	logspb "go.opentelemetry.io/proto/slim/otlp/logs/v1"
	resourcepb "go.opentelemetry.io/proto/slim/otlp/resource/v1"
	"google.golang.org/protobuf/proto"

	"auditctl/pkg/events"
)

// maxKept is the size of the largest buffer that an encoder reuses, in bytes.
const maxKept = 8 << 20

// An encoder encodes lines as requests. A request is valid until the next one is encoded.
type encoder struct {
	mapping    mapping
	scope      *logspb.ScopeLogs
	request    *collectorpb.ExportLogsServiceRequest
	encoded    []byte
	compressed bytes.Buffer
	gzip       *gzip.Writer // nil if requests are not compressed
	json       bool
}

// A request is the body of a request and the number of its records.
type request struct {
	body    []byte
	records int
}

func newEncoder(o *Options) encoder {
	scope := &logspb.ScopeLogs{Scope: &commonpb.InstrumentationScope{Name: "auditctl", Version: valid(o.Version)}}
	e := encoder{
		scope: scope,
		request: &collectorpb.ExportLogsServiceRequest{ResourceLogs: []*logspb.ResourceLogs{{
			Resource:  resource(o),
			ScopeLogs: []*logspb.ScopeLogs{scope},
		}}},
		json: o.JSON,
	}
	if !o.Uncompressed {
		e.gzip, _ = gzip.NewWriterLevel(nil, gzip.BestSpeed) // the level is valid
	}
	return e
}

// resource returns the resource of all records. Protobuf has no strings that are not UTF-8.
func resource(o *Options) *resourcepb.Resource {
	attributes := []*commonpb.KeyValue{attribute(serviceName, text(valid(o.ServiceName)))}
	for _, name := range slices.Sorted(maps.Keys(o.Resource)) {
		if name != serviceName {
			attributes = append(attributes, attribute(valid(name), text(valid(o.Resource[name]))))
		}
	}
	return &resourcepb.Resource{Attributes: attributes}
}

// valid returns s with U+FFFD in place of what is not UTF-8.
func valid(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

// lines encodes complete lines. The request has no records if all of them are blank.
func (e *encoder) lines(lines []byte) (request, error) {
	now := uint64(time.Now().UnixNano())
	for line := range bytes.Lines(lines) {
		line = bytes.TrimSuffix(line, []byte{'\n'})
		if events.Blank(line) {
			continue
		}
		r := e.mapping.record(line)
		r.ObservedTimeUnixNano = now
		e.scope.LogRecords = append(e.scope.LogRecords, r)
	}
	return e.encode()
}

// part encodes a part of a line.
func (e *encoder) part(text []byte, n int, last bool) (request, error) {
	r := unknown(text)
	r.ObservedTimeUnixNano = uint64(time.Now().UnixNano())
	r.Attributes = []*commonpb.KeyValue{
		attribute("auditctl.line.part", &commonpb.AnyValue{Value: &commonpb.AnyValue_IntValue{IntValue: int64(n)}}),
		attribute("auditctl.line.end", &commonpb.AnyValue{Value: &commonpb.AnyValue_BoolValue{BoolValue: last}}),
	}
	e.scope.LogRecords = append(e.scope.LogRecords, r)
	return e.encode()
}

// encode encodes the records and removes them.
func (e *encoder) encode() (request, error) {
	if cap(e.encoded) > maxKept || e.compressed.Cap() > maxKept {
		e.encoded, e.compressed = nil, bytes.Buffer{}
	}
	records := e.scope.LogRecords
	encoded, err := e.marshal(e.encoded[:0])
	clear(records)
	e.scope.LogRecords = records[:0]
	r := request{encoded, len(records)}
	if err != nil {
		return r, err
	}
	e.encoded = encoded
	if e.gzip == nil {
		return r, nil
	}
	e.compressed.Reset()
	e.gzip.Reset(&e.compressed)
	if _, err := e.gzip.Write(encoded); err != nil {
		return r, err
	}
	err = e.gzip.Close()
	r.body = e.compressed.Bytes()
	return r, err
}

// marshal appends the request.
func (e *encoder) marshal(dst []byte) ([]byte, error) {
	if e.json {
		return appendRequest(dst, e.request), nil
	}
	return proto.MarshalOptions{}.MarshalAppend(dst, e.request)
}
