package jetstream_test

import (
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	api "github.com/nats-io/nats.go/jetstream"

	"auditctl/pkg/collector/jetstream"
)

// benchLine is about as long as an event of a real log.
const benchLine = `{"event_type": "tool_call_complete", "timestamp": "2026-03-09T08:15:09.885790+00:00", "agent_id": "ops", "turn_id": "1a2a562b0f79", "session_id": "sess-b210", "severity": "info", "metadata": {}, "tool_name": "shell_exec", "status": "success", "duration_ms": 1873.936, "result_preview": "ALTER ROLE"}`

// benchServers are the servers to write to.
var benchServers = []struct {
	name  string
	start func(b *testing.B) jetstream.Address
}{
	{"one", func(b *testing.B) jetstream.Address { return direct(startNode(b, nil)) }},
	{"one,sync=always", func(b *testing.B) jetstream.Address {
		return direct(startNode(b, func(o *server.Options) { o.SyncAlways = true }))
	}},
	{"three", func(b *testing.B) jetstream.Address {
		a := clusterAddress(startCluster(b), "AUDIT")
		openInCluster(b, a)
		return a
	}},
}

// direct returns the address of a server without its proxy.
func direct(n *node) jetstream.Address {
	return parseAddress(n.t, "nats://"+n.server.Addr().String()+"/AUDIT")
}

// BenchmarkWriter and BenchmarkPlainPublisher are a pair: the same lines are written to
// equal streams and acknowledged, by a Writer and by nats.go's asynchronous publisher with
// as many messages in flight as a batch of the Writer has.
func BenchmarkWriter(b *testing.B) {
	for _, s := range benchServers {
		b.Run(s.name, func(b *testing.B) {
			w := open(b, s.start(b), nil)
			const blockLines = 500
			var block []byte
			for range blockLines {
				block = append(block, benchLine+"\n"...)
			}
			b.SetBytes(int64(len(benchLine) + 1))
			for n := 0; b.Loop(); n++ {
				if n%blockLines == 0 {
					if err := w.EmitLines(block); err != nil {
						b.Fatal(err)
					}
				}
			}
			flush(b, w)
		})
	}
}

func BenchmarkPlainPublisher(b *testing.B) {
	for _, s := range benchServers {
		b.Run(s.name, func(b *testing.B) {
			a := s.start(b)
			open(b, a, nil) // creates the stream
			conn, err := nats.Connect(a.Hosts[0])
			if err != nil {
				b.Fatal(err)
			}
			defer conn.Close()
			js, err := api.New(conn, api.WithPublishAsyncMaxPending(1000))
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(benchLine) + 1))
			for b.Loop() {
				if _, err := js.PublishAsync("audit.sess-b210.tool_call_complete", []byte(benchLine), api.WithStallWait(patience)); err != nil {
					b.Fatal(err)
				}
			}
			<-js.PublishAsyncComplete()
		})
	}
}
