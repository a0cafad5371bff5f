package jetstream_test

import (
	"io"
	"net"
	"sync"
	"testing"
)

// A proxy passes connections on to a host, until it is cut. Its own address stays
// the same when that of the host changes.
type proxy struct {
	listener net.Listener

	mu     sync.Mutex
	host   string
	conns  []net.Conn
	passed int    // bytes to the host
	dueAt  int    // after how many, above zero, due is called
	due    func() // called once
}

func startProxy(t testing.TB, host string) *proxy {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{host: host, listener: l}
	t.Cleanup(func() { l.Close(); p.cut() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go p.pass(conn)
		}
	}()
	return p
}

func (p *proxy) address() string { return p.listener.Addr().String() }

// to sets the host of connections that come from now on.
func (p *proxy) to(host string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.host = host
}

func (p *proxy) pass(conn net.Conn) {
	p.mu.Lock()
	host := p.host
	p.mu.Unlock()
	to, err := net.Dial("tcp", host)
	if err != nil {
		conn.Close()
		return
	}
	p.mu.Lock()
	p.conns = append(p.conns, conn, to)
	p.mu.Unlock()
	go func() {
		io.Copy(conn, to)
		conn.Close()
	}()
	io.Copy(counted{to, p}, conn)
	to.Close()
}

// cut cuts all connections. New ones are passed on.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range p.conns {
		conn.Close()
	}
	p.conns = nil
}

// after calls do once so many more bytes went to the host.
func (p *proxy) after(bytes int, do func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dueAt, p.due = p.passed+bytes, do
}

type counted struct {
	net.Conn
	*proxy
}

func (c counted) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.mu.Lock()
	c.passed += n
	var due func()
	if c.dueAt > 0 && c.passed >= c.dueAt {
		due, c.dueAt = c.due, 0
	}
	c.mu.Unlock()
	if due != nil {
		due()
	}
	return n, err
}
