package jetstream_test

import (
	"bytes"
	"io"
	"net"
	"sync"
	"testing"
)

// A proxy forwards connections to a host, and can cut them. Its address stays the same when
// that of the host changes.
type proxy struct {
	listener net.Listener

	mu     sync.Mutex
	host   string
	conns  []net.Conn
	passed int    // bytes to the host
	dueAt  int    // after how many bytes due is called; 0: never
	due    func() // called once
	held   *held  // nil if none is
}

// A held is a connection that ends for the client, but whose data the host gets later.
type held struct {
	to    net.Conn
	until string // the end of what the client sends
	bytes []byte
	pong  chan struct{} // closed when the host has received it
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

// to sets the host of new connections.
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
		io.Copy(down{conn, to, p}, to)
		conn.Close()
	}()
	io.Copy(up{conn, to, p}, conn)
	if p.holding(to) == nil {
		to.Close()
	}
}

// holding returns the held connection to a host, nil if it is not held.
func (p *proxy) holding(to net.Conn) *held {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.held != nil && p.held.to == to {
		return p.held
	}
	return nil
}

// hold holds back what comes over the newest connection, and closes it for the client once
// that has sent until. release sends the data to the host and waits until that has
// received it.
func (p *proxy) hold(until string) (release func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	h := &held{to: p.conns[len(p.conns)-1], until: until, pong: make(chan struct{})}
	p.held = h
	return func() {
		h.to.Write(append(h.bytes, "PING\r\n"...))
		<-h.pong
		h.to.Close()
	}
}

// cut closes all connections. New ones are forwarded.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range p.conns {
		conn.Close()
	}
	p.conns = nil
}

// after calls do once that many more bytes were sent to the host.
func (p *proxy) after(bytes int, do func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dueAt, p.due = p.passed+bytes, do
}

// up and down are the directions to and from the host.
type (
	up struct {
		conn, to net.Conn
		*proxy
	}
	down struct {
		conn, to net.Conn
		*proxy
	}
)

func (u up) Write(b []byte) (int, error) {
	if h := u.holding(u.to); h != nil {
		h.bytes = append(h.bytes, b...)
		if bytes.Contains(h.bytes, []byte(h.until)) {
			u.conn.Close()
		}
		return len(b), nil
	}
	n, err := u.to.Write(b)
	u.mu.Lock()
	u.passed += n
	var due func()
	if u.dueAt > 0 && u.passed >= u.dueAt {
		due, u.dueAt = u.due, 0
	}
	u.mu.Unlock()
	if due != nil {
		due()
	}
	return n, err
}

func (d down) Write(b []byte) (int, error) {
	if h := d.holding(d.to); h != nil {
		if bytes.Contains(b, []byte("PONG")) {
			close(h.pong)
		}
		return len(b), nil
	}
	return d.conn.Write(b)
}
