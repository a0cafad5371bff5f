package otlp

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"

	"auditctl/pkg/events"
)

// maxKept is the size of the largest buffer that an encoder reuses, in bytes.
const maxKept = 8 << 20

// An encoder encodes lines as requests. A request is valid until the next one is encoded.
type encoder struct {
	mapping    mapping
	records    records
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
	e := encoder{records: records{resource: resource(o), scopeVersion: valid(o.Version)}, json: o.JSON}
	if !o.Uncompressed {
		e.gzip, _ = gzip.NewWriterLevel(nil, gzip.BestSpeed) // the level is valid
	}
	return e
}

// resource returns the attributes of the resource of all records. Protobuf has no strings
// that are not UTF-8.
func resource(o *Options) []attribute {
	attributes := []attribute{{serviceName, valid(o.ServiceName)}}
	for _, name := range slices.Sorted(maps.Keys(o.Resource)) {
		if name != serviceName {
			attributes = append(attributes, attribute{valid(name), valid(o.Resource[name])})
		}
	}
	return attributes
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
		r.observed = now
		e.records.list = append(e.records.list, r)
	}
	return e.encode()
}

// part encodes a part of a line.
func (e *encoder) part(text []byte, n int, last bool) (request, error) {
	r := unknown(text)
	r.observed = uint64(time.Now().UnixNano())
	r.attributes = []attribute{{"auditctl.line.part", int64(n)}, {"auditctl.line.end", last}}
	e.records.list = append(e.records.list, r)
	return e.encode()
}

// encode encodes the records and removes them.
func (e *encoder) encode() (request, error) {
	if cap(e.encoded) > maxKept || e.compressed.Cap() > maxKept {
		e.encoded, e.compressed = nil, bytes.Buffer{}
	}
	list := e.records.list
	if e.json {
		e.encoded = e.records.appendJSON(e.encoded[:0])
	} else {
		e.encoded = e.records.appendProtobuf(e.encoded[:0])
	}
	clear(list)
	e.records.list = list[:0]
	r := request{e.encoded, len(list)}
	if e.gzip == nil {
		return r, nil
	}
	e.compressed.Reset()
	e.gzip.Reset(&e.compressed)
	if _, err := e.gzip.Write(e.encoded); err != nil {
		return r, err
	}
	err := e.gzip.Close()
	r.body = e.compressed.Bytes()
	return r, err
}
