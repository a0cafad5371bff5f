package otlp_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"auditctl/pkg/collector/collectortest"
	"auditctl/pkg/collector/otlp"
)

var (
	emit      = collectortest.Emit
	emitLines = collectortest.EmitLines
	flush     = collectortest.Flush
	numbered  = collectortest.Numbered
	sized     = collectortest.Sized
	sameLines = collectortest.SameLines
)

func TestConformance(t *testing.T) {
	for _, test := range []struct {
		name string
		opts otlp.Options
	}{
		{"default", otlp.Options{}},
		{"JSON", otlp.Options{JSON: true}},
		{"small requests", otlp.Options{MaxRecords: 7, MaxBytes: 5000, Uncompressed: true}},
	} {
		t.Run(test.name, func(t *testing.T) {
			collectortest.Run(t, func(t *testing.T) collectortest.Subject {
				r := newReceiver(t)
				return collectortest.Subject{Collector: open(t, r.URL, &test.opts), Lines: r.lines}
			})
		})
	}
}

// Requests keep to the limits of records and bytes, except for a single larger line.
// Nothing is sent before a request is full.
func TestBatches(t *testing.T) {
	var small, large []string
	for i := range 10 {
		small = append(small, numbered("x", i))
		large = append(large, sized(100))
	}
	large[5] = sized(1000)
	for _, test := range []struct {
		name          string
		opts          otlp.Options
		lines         []string
		before, after []int // records of each request, before Flush and after
	}{
		{"default", otlp.Options{}, small, nil, []int{10}},
		{"records", otlp.Options{MaxRecords: 4}, small, []int{4, 4}, []int{4, 4, 2}},
		{"bytes", otlp.Options{MaxBytes: 303}, large, []int{3, 2, 1, 3}, []int{3, 2, 1, 3, 1}},
		{"both", otlp.Options{MaxBytes: 303, MaxRecords: 2}, large, []int{2, 2, 1, 1, 2}, []int{2, 2, 1, 1, 2, 2}},
	} {
		for _, atOnce := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, at once %t", test.name, atOnce), func(t *testing.T) {
				r := newReceiver(t)
				c := open(t, r.URL, &test.opts)
				if atOnce {
					emitLines(t, c, strings.Join(test.lines, "\n")+"\n")
				} else {
					emit(t, c, test.lines...)
				}
				r.sameSizes(test.before)
				flush(t, c)
				flush(t, c) // has nothing to send
				r.sameSizes(test.after)
				sameLines(t, r.lines(), test.lines)
			})
		}
	}
}

// sameSizes checks how many records each request had.
func (r *receiver) sameSizes(want []int) {
	r.t.Helper()
	var got []int
	for _, s := range r.requests() {
		got = append(got, len(recordsOf(s.body)))
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		r.t.Errorf("requests of %v records, want %v", got, want)
	}
}

// Lines that are not events become records of bytes; blank lines are skipped.
func TestInvalidLines(t *testing.T) {
	r := newReceiver(t)
	c := open(t, r.URL, nil)
	emitLines(t, c, "no event\n\n \t\r\n{}\n\xff\xfe\r\n"+numbered("x", 0)+"\n")
	flush(t, c)
	var got []string
	for _, record := range r.records() {
		got = append(got, fmt.Sprintf("%s %q %q", record.GetEventName(), record.GetBody().GetStringValue(), record.GetBody().GetBytesValue()))
	}
	sameLines(t, got, []string{
		` "" "no event"`,
		` "" "{}"`,
		` "" "\xff\xfe\r"`,
		`x "{\"event_type\": \"x\", \"n\": 0}" ""`,
	})
}

// A line that comes in pieces is one record, or several if it is larger than a request
// may be. The lines after it follow in order.
func TestPieces(t *testing.T) {
	x := strings.Repeat("x", 60)
	for _, test := range []struct {
		name   string
		pieces []string
		want   []string
	}{
		{"joined", []string{"{\"event_type\"", ": \"a\"", "}\n{}\n"}, []string{`{"event_type": "a"}`, `{}`}},
		{"in parts", []string{"a\n" + x, x, x, x, "z\nb\n"}, []string{"a", "0 false " + x + x, "1 false " + x + x, "2 true z", "b"}},
		{"in parts, to the last byte", []string{x + x, "\nb\n"}, []string{"0 false " + x + x, "1 true ", "b"}},
		{"without an end", []string{"a\n", "b"}, []string{"a", "b"}},
		{"in parts, without an end", []string{x + x, "b"}, []string{"0 false " + x + x, "1 true b"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newReceiver(t)
			c := open(t, r.URL, &otlp.Options{MaxBytes: 120})
			for _, piece := range test.pieces {
				emitLines(t, c, piece)
				flush(t, c)
			}
			if err := c.Close(); err != nil {
				t.Error(err)
			}
			var got []string
			for _, record := range r.records() {
				line := bodyOf(record)
				if kvs := record.GetAttributes(); len(kvs) > 0 {
					line = fmt.Sprintf("%d %t %s", kvs[0].GetValue().GetIntValue(), kvs[1].GetValue().GetBoolValue(), line)
				}
				got = append(got, line)
			}
			sameLines(t, got, test.want)
		})
	}
}

// Flush does not return before the receiver has acknowledged what was emitted.
func TestFlushWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{t: t, answers: []answer{status(503), status(503)}}
		c := open(t, "http://receiver", &otlp.Options{Client: r.inMemory(t)})
		emit(t, c, numbered("x", 0))
		flush(t, c)
		sameLines(t, r.lines(), []string{numbered("x", 0)})
	})
}

// A context cancels a flush wherever it waits: for a response, before a retry, or for
// another flush. Nothing is lost.
func TestFlushCanceled(t *testing.T) {
	for _, test := range []struct {
		name    string
		answer  answer
		another bool // another flush is waiting
	}{
		{"no answer", hangs, false},
		{"a pause", asks(503, "50"), false},
		{"another flush", hangs, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := &receiver{t: t, answers: []answer{test.answer}}
				c := open(t, "http://receiver", &otlp.Options{Client: r.inMemory(t)})
				emit(t, c, numbered("x", 0))
				if test.another {
					go c.Flush()
					synctest.Wait()
				}
				over := errors.New("over")
				ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, over)
				defer cancel()
				begun := time.Now()
				if err := c.FlushContext(ctx); err != over || time.Since(begun) != time.Second {
					t.Errorf("%v after %v, want %v after a second", err, time.Since(begun), over)
				}
				emit(t, c, numbered("x", 1))
				flush(t, c)
				sameLines(t, r.lines(), []string{numbered("x", 0), numbered("x", 1)})
			})
		})
	}
}

// Requests have the resource, the scope and the time.
func TestRequestEnvelope(t *testing.T) {
	for _, test := range []struct {
		opts             otlp.Options
		service, version string
	}{
		{otlp.Options{}, "auditctl", ""},
		{otlp.Options{ServiceName: "billing", Version: "v1.2.3"}, "billing", "v1.2.3"},
	} {
		r := newReceiver(t)
		c := open(t, r.URL, &test.opts)
		before := time.Now()
		emit(t, c, numbered("x", 0))
		flush(t, c)
		body := r.requests()[0].body.GetResourceLogs()[0]
		resource, scope := body.GetResource().GetAttributes(), body.GetScopeLogs()[0].GetScope()
		if len(resource) != 1 || resource[0].GetKey() != "service.name" || resource[0].GetValue().GetStringValue() != test.service {
			t.Errorf("resource %v, want service.name %s", resource, test.service)
		}
		if scope.GetName() != "auditctl" || scope.GetVersion() != test.version {
			t.Errorf("scope %v, want auditctl %s", scope, test.version)
		}
		observed := time.Unix(0, int64(r.records()[0].GetObservedTimeUnixNano()))
		if observed.Before(before) || observed.After(time.Now()) {
			t.Errorf("observed at %v, not between %v and now", observed, before)
		}
	}
}

// After the first error, all calls of all goroutines return it.
func TestFirstErrorIsFinal(t *testing.T) {
	r := newReceiver(t, says(400, "text/plain", "the first"), says(400, "text/plain", "the second"))
	c := open(t, r.URL, nil)
	emit(t, c, numbered("x", 0))
	first := c.Flush()
	if first == nil || first.Error() != "400 Bad Request: the first" {
		t.Fatalf("Flush: %v", first)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for name, err := range map[string]error{
				"Emit":      c.Emit(collectortest.Parse(t, numbered("x", 1))),
				"EmitLines": c.EmitLines([]byte("x\n")),
				"Flush":     c.Flush(),
			} {
				if err != first {
					t.Errorf("%s: %v, want %v", name, err, first)
				}
			}
		})
	}
	wg.Wait()
	if err := c.Close(); err != first {
		t.Errorf("Close: %v, want %v", err, first)
	}
	if n := len(r.requests()); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
}
