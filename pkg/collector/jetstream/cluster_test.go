package jetstream_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"auditctl/pkg/collector/jetstream"
)

// memberEnv makes the test binary a member of a cluster, to be killed.
const memberEnv = "AUDITCTL_TEST_MEMBER"

// A member is a nats-server of a cluster in a process of its own. It is reached through
// proxies, so that it may have other ports after each start.
type member struct {
	t       testing.TB
	config  memberConfig
	clients *proxy
	peers   *proxy
	process *exec.Cmd
}

type memberConfig struct {
	Name, Dir string
	Routes    []string
}

// memberPorts are where a member listens.
type memberPorts struct{ Clients, Peers string }

// startCluster starts three members of one cluster.
func startCluster(t testing.TB) []*member {
	var members []*member
	var routes []string
	for i := range 3 {
		m := &member{t: t, clients: startProxy(t, ""), peers: startProxy(t, ""), config: memberConfig{Name: fmt.Sprint("n", i), Dir: t.TempDir()}}
		members = append(members, m)
		routes = append(routes, "nats://"+m.peers.address())
	}
	for _, m := range members {
		m.config.Routes = routes
		m.start()
		t.Cleanup(m.kill)
	}
	return members
}

func (m *member) start() {
	m.t.Helper()
	config, err := json.Marshal(m.config)
	if err != nil {
		m.t.Fatal(err)
	}
	m.process = exec.Command(os.Args[0])
	m.process.Env = append(os.Environ(), memberEnv+"="+string(config))
	m.process.Stderr = os.Stderr
	if _, err := m.process.StdinPipe(); err != nil { // so that it ends when this process does
		m.t.Fatal(err)
	}
	out, err := m.process.StdoutPipe()
	if err != nil {
		m.t.Fatal(err)
	}
	if err := m.process.Start(); err != nil {
		m.t.Fatal(err)
	}
	var ports memberPorts
	text, err := bufio.NewReader(out).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(text, &ports)
	}
	if err != nil {
		m.t.Fatal(err)
	}
	m.clients.to(ports.Clients)
	m.peers.to(ports.Peers)
}

func (m *member) kill() {
	m.process.Process.Kill()
	m.process.Wait()
}

// runMember runs a member in its process.
func runMember(config string) error {
	var c memberConfig
	if err := json.Unmarshal([]byte(config), &c); err != nil {
		return err
	}
	opts := &server.Options{
		ServerName: c.Name, Host: "127.0.0.1", Port: server.RANDOM_PORT, NoLog: true, NoSigs: true,
		JetStream: true, StoreDir: c.Dir,
		Cluster: server.ClusterOpts{Name: "audit", Host: "127.0.0.1", Port: server.RANDOM_PORT, NoAdvertise: true},
	}
	for _, route := range c.Routes {
		u, err := url.Parse(route)
		if err != nil {
			return err
		}
		opts.Routes = append(opts.Routes, u)
	}
	s, err := server.NewServer(opts)
	if err != nil {
		return err
	}
	s.Start()
	if !s.ReadyForConnections(patience) {
		return fmt.Errorf("the server does not start")
	}
	if err := json.NewEncoder(os.Stdout).Encode(memberPorts{s.Addr().String(), s.ClusterAddr().String()}); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// clusterAddress returns the address of a stream with three replicas.
func clusterAddress(members []*member, stream string) jetstream.Address {
	var hosts []string
	for _, m := range members {
		hosts = append(hosts, m.clients.address())
	}
	return parseAddress(members[0].t, "nats://"+strings.Join(hosts, ",")+"/"+stream+"?replicas=3")
}

// openInCluster opens a Writer as soon as the cluster can create the stream on all of its
// members.
func openInCluster(t testing.TB, a jetstream.Address) *jetstream.Writer {
	t.Helper()
	var w *jetstream.Writer
	eventually(t, "the cluster makes a stream", func() bool {
		var err error
		w, err = jetstream.Open(t.Context(), a, nil)
		return err == nil
	})
	t.Cleanup(func() { w.Close() })
	awaitReplicas(t, a)
	return w
}

// awaitReplicas waits until all members have the whole stream, and returns the name of its
// leader.
func awaitReplicas(t testing.TB, a jetstream.Address) (leader string) {
	t.Helper()
	js := client(t, strings.Join(a.Hosts, ","))
	eventually(t, "all replicas are current", func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		stream, err := js.Stream(ctx, a.Stream)
		if err != nil || stream.CachedInfo().Cluster == nil || len(stream.CachedInfo().Cluster.Replicas) != 2 {
			return false
		}
		for _, r := range stream.CachedInfo().Cluster.Replicas {
			if !r.Current || r.Offline {
				return false
			}
		}
		leader = stream.CachedInfo().Cluster.Leader
		return leader != ""
	})
	return leader
}

// named returns the member with a name.
func named(members []*member, name string) *member {
	for _, m := range members {
		if m.config.Name == name {
			return m
		}
	}
	panic("no member " + name)
}
