package jetstream_test

import (
	"context"
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	api "github.com/nats-io/nats.go/jetstream"

	"auditctl/pkg/collector/jetstream"
)

// patience is how long a test waits before it fails.
const patience = 3 * time.Minute

// A node is a nats-server in this process that can be stopped and restarted. It is reached
// through a proxy, so that its address stays the same.
type node struct {
	t      testing.TB
	opts   server.Options
	server *server.Server
	*proxy
}

// startNode starts a server with JetStream. change, if not nil, changes its options.
func startNode(t testing.TB, change func(*server.Options)) *node {
	n := &node{t: t, proxy: startProxy(t, ""), opts: server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, NoLog: true, NoSigs: true,
		JetStream: true, StoreDir: t.TempDir(),
	}}
	if change != nil {
		change(&n.opts)
	}
	n.start()
	t.Cleanup(n.stop)
	return n
}

func (n *node) start() {
	n.t.Helper()
	opts := n.opts
	s, err := server.NewServer(&opts)
	if err != nil {
		n.t.Fatal(err)
	}
	s.Start()
	if !s.ReadyForConnections(patience) {
		n.t.Fatal("the server does not start")
	}
	n.server = s
	n.to(s.Addr().String())
}

func (n *node) stop() {
	n.server.Shutdown()
	n.server.WaitForShutdown()
}

func (n *node) host() string { return n.proxy.address() }

// address returns the address of a stream.
func (n *node) address(stream string) jetstream.Address {
	return parseAddress(n.t, "nats://"+n.host()+"/"+stream)
}

func parseAddress(t testing.TB, text string) jetstream.Address {
	t.Helper()
	a, err := jetstream.ParseAddress(text)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// eventually waits until done returns true.
func eventually(t testing.TB, what string, done func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !done() {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not for %v", what, patience)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// client connects to a server without our code.
func client(t testing.TB, hosts string) api.JetStream {
	t.Helper()
	conn, err := nats.Connect(hosts, nats.MaxReconnects(-1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	js, err := api.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	return js
}

// shortWindow is the shortest duplicate window that a server allows.
const shortWindow = 100 * time.Millisecond

// probeSubject is the subject of messages that are not lines.
const probeSubject = "probe"

// makeStream creates the stream AUDIT, with the subjects for a Writer and probes.
func makeStream(t testing.TB, n *node, cfg api.StreamConfig) {
	t.Helper()
	cfg.Name, cfg.AllowAtomicPublish, cfg.Subjects = "AUDIT", true, []string{"audit.>", probeSubject}
	makeAnyStream(t, n, cfg)
}

func makeAnyStream(t testing.TB, n *node, cfg api.StreamConfig) {
	t.Helper()
	js, sealed := client(t, n.host()), cfg.Sealed
	cfg.Sealed = false
	_, err := js.CreateStream(t.Context(), cfg)
	if cfg.Sealed = sealed; sealed && err == nil {
		_, err = js.UpdateStream(t.Context(), cfg)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// awaitForgottenIDs waits until the server has forgotten the ids of the messages in a stream
// with a short duplicate window. It forgets them in order.
func awaitForgottenIDs(t testing.TB, n *node) {
	t.Helper()
	js, id := client(t, n.host()), rand.Text()
	probe := func() bool {
		ack, err := js.Publish(t.Context(), probeSubject, nil, api.WithMsgID(id))
		if err != nil {
			t.Fatal(err)
		}
		return !ack.Duplicate
	}
	probe()
	eventually(t, "the server forgets ids", probe)
}

// A stored message is what the stream has of a line.
type stored struct{ subject, id, line string }

// readBack returns all messages of a stream, in order.
func readBack(t testing.TB, a jetstream.Address) (all []stored) {
	t.Helper()
	// A consumer that was created while a cluster elects leaders may be lost.
	eventually(t, "all of the stream "+a.Stream, func() bool {
		ctx, cancel := context.WithTimeout(context.Background(), patience/6)
		defer cancel()
		var err error
		all, err = tryReadBack(ctx, t, a)
		return err == nil
	})
	return all
}

func tryReadBack(ctx context.Context, t testing.TB, a jetstream.Address) (all []stored, err error) {
	stream, err := client(t, strings.Join(a.Hosts, ",")).Stream(ctx, a.Stream)
	if err != nil {
		return nil, err
	}
	last := stream.CachedInfo().State.LastSeq
	if stream.CachedInfo().State.Msgs == 0 {
		return nil, nil
	}
	consumer, err := stream.OrderedConsumer(ctx, api.OrderedConsumerConfig{})
	if err != nil {
		return nil, err
	}
	messages, err := consumer.Messages()
	if err != nil {
		return nil, err
	}
	defer messages.Stop()
	for {
		msg, err := messages.Next(api.NextContext(ctx))
		if err != nil {
			return nil, err
		}
		if msg.Subject() != probeSubject {
			all = append(all, stored{msg.Subject(), msg.Headers().Get(api.MsgIDHeader), string(msg.Data())})
		}
		meta, err := msg.Metadata()
		if err != nil || meta.Sequence.Stream >= last {
			return all, err
		}
	}
}

func linesOf(all []stored) []string {
	lines := make([]string, len(all))
	for i := range all {
		lines[i] = all[i].line
	}
	return lines
}
