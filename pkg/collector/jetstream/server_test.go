package jetstream_test

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	api "github.com/nats-io/nats.go/jetstream"

	"auditctl/pkg/collector/jetstream"
)

// patience is how long anything may take that is to happen.
const patience = 60 * time.Second

// A node is a nats-server in this process that can be stopped and started again.
type node struct {
	t      testing.TB
	opts   server.Options
	server *server.Server
}

// startNode starts a server of its own, with JetStream. change, if not nil, sets
// more options.
func startNode(t testing.TB, change func(*server.Options)) *node {
	n := &node{t: t, opts: server.Options{
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
	n.opts.Port = s.Addr().(*net.TCPAddr).Port // the same when it comes back
}

func (n *node) stop() {
	n.server.Shutdown()
	n.server.WaitForShutdown()
}

func (n *node) host() string { return fmt.Sprintf("127.0.0.1:%d", n.opts.Port) }

// address returns the address of a stream there.
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

// startCluster starts three nodes that are one cluster.
func startCluster(t testing.TB) []*node {
	var routes []*url.URL
	var ports []int
	for range 3 { // all must be known before the first node starts
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		port := l.Addr().(*net.TCPAddr).Port
		ports = append(ports, port)
		routes = append(routes, &url.URL{Scheme: "nats", Host: fmt.Sprintf("127.0.0.1:%d", port)})
		l.Close()
	}
	var nodes []*node
	var mu sync.Mutex
	var starting sync.WaitGroup
	for i := range ports {
		starting.Go(func() {
			n := startNode(t, func(o *server.Options) {
				o.ServerName = fmt.Sprint("node", i)
				o.Cluster = server.ClusterOpts{Name: "audit", Host: "127.0.0.1", Port: ports[i]}
				o.Routes = routes
			})
			mu.Lock()
			nodes = append(nodes, n)
			mu.Unlock()
		})
	}
	starting.Wait()
	awaitLeader(t, nodes)
	return nodes
}

// awaitLeader waits until the cluster can make streams with three replicas.
func awaitLeader(t testing.TB, nodes []*node) {
	eventually(t, "a leader with all nodes", func() bool {
		for _, n := range nodes {
			if n.server.JetStreamIsLeader() {
				peers := n.server.JetStreamClusterPeers()
				return len(peers) == len(nodes)
			}
		}
		return false
	})
}

func clusterAddress(nodes []*node, stream string) jetstream.Address {
	var hosts []string
	for _, n := range nodes {
		hosts = append(hosts, n.host())
	}
	return parseAddress(nodes[0].t, "nats://"+strings.Join(hosts, ",")+"/"+stream+"?replicas=3")
}

// eventually waits until something is so.
func eventually(t testing.TB, what string, so func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !so() {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not for %v", what, patience)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// client connects to a stream without any code of ours.
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

// A stored message is what the stream has of a line.
type stored struct{ subject, id, line string }

// readBack returns all messages of a stream, in their order.
func readBack(t testing.TB, a jetstream.Address) []stored {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	js := client(t, strings.Join(a.Hosts, ","))
	var stream api.Stream
	eventually(t, "the stream "+a.Stream, func() (ok bool) {
		var err error
		stream, err = js.Stream(ctx, a.Stream)
		return err == nil
	})
	info, err := stream.Info(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if info.State.Msgs == 0 {
		return nil
	}
	consumer, err := stream.OrderedConsumer(ctx, api.OrderedConsumerConfig{})
	if err != nil {
		t.Fatal(err)
	}
	messages, err := consumer.Messages()
	if err != nil {
		t.Fatal(err)
	}
	defer messages.Stop()
	var all []stored
	for {
		msg, err := messages.Next(api.NextContext(ctx))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, stored{msg.Subject(), msg.Headers().Get(api.MsgIDHeader), string(msg.Data())})
		meta, err := msg.Metadata()
		if err != nil {
			t.Fatal(err)
		}
		if meta.Sequence.Stream >= info.State.LastSeq {
			return all
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
