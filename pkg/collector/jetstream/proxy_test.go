package jetstream_test

import (
	"io"
	"net"
	"sync"
	"testing"
)

// A proxy passes connections on to a host, until it is cut.
type proxy struct {
	host     string
	listener net.Listener

	mu     sync.Mutex
	conns  []net.Conn
	passed int // bytes to the host
	cutAt  int // after so many, above zero
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

func (p *proxy) pass(conn net.Conn) {
	to, err := net.Dial("tcp", p.host)
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
	p.cutLocked()
}

func (p *proxy) cutLocked() {
	for _, conn := range p.conns {
		conn.Close()
	}
	p.conns = nil
}

// cutAfter cuts all connections once so many more bytes went to the host.
func (p *proxy) cutAfter(bytes int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cutAt = p.passed + bytes
}

type counted struct {
	net.Conn
	*proxy
}

func (c counted) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.passed += n
	if c.cutAt > 0 && c.passed >= c.cutAt {
		c.cutAt = 0
		c.cutLocked()
	}
	return n, err
}
