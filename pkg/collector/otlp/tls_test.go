package otlp_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"auditctl/pkg/collector/otlp"
	"auditctl/pkg/internal/logtest"
	"auditctl/testdata/tlstest"
)

// A receiver with TLS is reached with its authority and, where it wants one, with a
// certificate of the client.
func TestTLS(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	authority := tlstest.New(t, dir)
	wanting := &tls.Config{Certificates: []tls.Certificate{authority.Issue("server")}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: authority.Pool}
	authority.Issue("client")
	config, err := otlp.LoadTLS(authority.File, filepath.Join(dir, "client.pem"), filepath.Join(dir, "client.key"))
	if err != nil {
		t.Fatal(err)
	}
	r := newReceiver(t)
	c := open(t, startTLS(t, r, wanting), &otlp.Options{TLS: config})
	emit(t, c, numbered("x", 1))
	flush(t, c)
	sameLines(t, r.lines(), []string{numbered("x", 1)})
}

// startTLS serves a receiver with TLS as well, and returns the URL.
func startTLS(t *testing.T, r *receiver, config *tls.Config) string {
	secure := httptest.NewUnstartedServer(r)
	secure.Config.ErrorLog = quiet
	secure.TLS = config
	secure.EnableHTTP2 = true
	secure.StartTLS()
	t.Cleanup(secure.Close)
	return secure.URL
}

// With the wrong scheme, or without the right certificate, the first attempt is the last,
// and the error says why, whatever the receiver does with such a connection.
func TestWrongConnection(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	authority, stranger := tlstest.New(t, dir), tlstest.New(t, t.TempDir())
	wanting := &tls.Config{Certificates: []tls.Certificate{authority.Issue("server")}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: authority.Pool}
	wanting12 := wanting.Clone()
	wanting12.MaxVersion = tls.VersionTLS12
	r := newReceiver(t)
	secure := strings.TrimPrefix(startTLS(t, r, &tls.Config{Certificates: wanting.Certificates}), "https://")
	trusting := &tls.Config{RootCAs: authority.Pool}
	strange := &tls.Config{RootCAs: authority.Pool, Certificates: []tls.Certificate{stranger.Issue("client")}}
	banner := listen(t, func(conn net.Conn) { io.WriteString(conn, "SSH-2.0-OpenSSH_10.2\r\n") })
	var connections atomic.Int32
	for _, test := range []struct {
		name   string
		url    string
		config *tls.Config
		want   error
		text   string // in place of want
	}{
		{"https to a receiver without TLS", "https://" + strings.TrimPrefix(r.URL, "http://"), nil, otlp.ErrNoTLS, ""},
		{"https to another server without TLS", "https://" + banner, nil, otlp.ErrNoTLS, ""},
		{"https to a receiver without TLS that closes the connection", "https://" + listen(t, func(conn net.Conn) {
			switch first := peek(conn); first.next {
			case 'P': // POST, which must not come
				t.Error("events were sent without TLS")
			case 'H': // HEAD
				io.WriteString(conn, "HTTP/1.1 404 Not Found\r\n\r\n")
			}
		}), nil, otlp.ErrNoTLS, ""},
		{"http to another server", "http://" + banner, nil, otlp.ErrNoHTTP, ""},
		{"http to TLS", "http://" + secure, nil, otlp.ErrTLS, ""},
		{"http to TLS that closes the connection", "http://" + listen(t, func(conn net.Conn) { tls.Server(conn, wanting).Handshake() }), nil, otlp.ErrTLS, ""},
		{"http to TLS that resets the connection", "http://" + listen(t, func(conn net.Conn) {
			if first := peek(conn); first.next == 'P' {
				conn.(*net.TCPConn).SetLinger(0)
			} else {
				tls.Server(first, wanting).Handshake()
			}
		}), nil, otlp.ErrTLS, ""},
		{"http to TLS that sends an alert", "http://" + listen(t, func(conn net.Conn) {
			if first := peek(conn); first.next == 'P' {
				io.WriteString(conn, "\x15\x03\x03\x00\x02\x02\x0a")
				io.Copy(io.Discard, conn)
			} else {
				tls.Server(first, wanting).Handshake()
			}
		}), nil, otlp.ErrTLS, ""},
		{"http to TLS that does not like our handshake", "http://" + listen(t, func(conn net.Conn) { tls.Server(conn, &tls.Config{}).Handshake() }), nil, otlp.ErrTLS, ""},
		{"an unknown authority", "https://" + secure, nil, nil, "certificate signed by unknown authority"},
		{"no certificate", startTLS(t, r, wanting), trusting, nil, "the receiver refuses the connection: certificate required"},
		{"no certificate for TLS 1.2", startTLS(t, r, wanting12), trusting, nil, "the receiver refuses the connection: handshake failure"},
		{"another authority's certificate", startTLS(t, r, wanting), strange, nil, "the receiver refuses the connection: unknown certificate authority"},
		{"no certificate, and the alert was lost", "https://" + listen(t, func(conn net.Conn) {
			if first := peek(conn); connections.Add(1) == 1 {
				conn.(*net.TCPConn).SetLinger(0)
			} else if secured := tls.Server(first, wanting); secured.Handshake() == nil {
				io.Copy(io.Discard, secured)
			}
		}), trusting, nil, "the receiver refuses the connection: certificate required"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := open(t, test.url, &otlp.Options{TLS: test.config, Logger: logtest.New(func(text string) { t.Error(text) })})
			emit(t, c, numbered("x", 0))
			err := c.Flush()
			if test.want != nil && !errors.Is(err, test.want) || err == nil || !strings.Contains(err.Error(), test.text) {
				t.Errorf("Flush: %v, want %v%s", err, test.want, test.text)
			}
			if authority := (x509.UnknownAuthorityError{}); test.config == nil && test.want == nil && !errors.As(err, &authority) {
				t.Errorf("%#v", err)
			}
		})
	}
}

// A receiver is recognized also if it was not ready at first.
func TestWrongSchemeLater(t *testing.T) {
	t.Parallel()
	certificate := tlstest.New(t, t.TempDir()).Issue("server")
	var connections atomic.Int32
	address := listen(t, func(conn net.Conn) {
		if first := peek(conn); connections.Add(1) > 2 {
			tls.Server(first, &tls.Config{Certificates: []tls.Certificate{certificate}}).Handshake()
		}
	})
	c := open(t, "http://"+address, nil)
	emit(t, c, numbered("x", 0))
	if err := c.Flush(); !errors.Is(err, otlp.ErrTLS) {
		t.Errorf("Flush: %v", err)
	}
}

// A connection on which no answer comes is not used again.
func TestDeadConnection(t *testing.T) {
	t.Parallel()
	var dead string
	var mu sync.Mutex
	r := &receiver{t: t, answers: repeated(func(w http.ResponseWriter, req *http.Request) bool {
		mu.Lock()
		if dead == "" {
			dead = req.RemoteAddr
		}
		mu.Unlock()
		if req.RemoteAddr == dead {
			return hangs(w, req)
		}
		return takes(w, req)
	}, 1000)}
	authority := tlstest.New(t, t.TempDir())
	c := open(t, startTLS(t, r, &tls.Config{Certificates: []tls.Certificate{authority.Issue("server")}}), &otlp.Options{
		TLS: &tls.Config{RootCAs: authority.Pool}, Timeout: 200 * time.Millisecond, RetryFor: 20 * time.Second,
	})
	emit(t, c, numbered("x", 0))
	flush(t, c)
	sameLines(t, r.lines(), []string{numbered("x", 0)})
}

// listen serves connections one by one and closes each afterwards. It returns the address.
func listen(t *testing.T, serve func(net.Conn)) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			serve(conn)
			conn.Close()
		}
	}()
	return l.Addr().String()
}

// A peeked is a connection whose next byte is known.
type peeked struct {
	net.Conn
	r    *bufio.Reader
	next byte
}

func peek(conn net.Conn) peeked {
	p := peeked{Conn: conn, r: bufio.NewReader(conn)}
	if next, err := p.r.Peek(1); err == nil {
		p.next = next[0]
	}
	return p
}

func (p peeked) Read(b []byte) (int, error) { return p.r.Read(b) }

// A receiver that was right once is not suspected later.
func TestConnectionLost(t *testing.T) {
	t.Parallel()
	var connections atomic.Int32
	r := &receiver{t: t, answers: []answer{takes, cuts}}
	r.Server = httptest.NewUnstartedServer(r)
	r.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	r.Start()
	defer r.Close()
	c := open(t, r.URL, nil)
	emit(t, c, numbered("x", 0))
	flush(t, c)
	emit(t, c, numbered("x", 1))
	flush(t, c)
	sameLines(t, r.lines(), []string{numbered("x", 0), numbered("x", 1)})
	if n := connections.Load(); n != 2 {
		t.Errorf("%d connections, want 2", n)
	}
}

// Files that are not what they should be are named.
func TestLoadTLS(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	authority := tlstest.New(t, dir)
	authority.Issue("a")
	authority.Issue("b")
	for name, text := range map[string]string{"none.pem": "no PEM\n", "locked.key": "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMTIz\n-----END ENCRYPTED PRIVATE KEY-----\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct{ ca, cert, key, want string }{
		{"ca.pem", "a.pem", "a.key", ""},
		{"", "", "", ""},
		{"missing.pem", "", "", "missing.pem: no such file or directory"},
		{"none.pem", "", "", "none.pem: no certificate: want PEM"},
		{"a.key", "", "", "a.key: no certificate: want PEM"},
		{"", "missing.pem", "a.key", "missing.pem: no such file or directory"},
		{"", "a.pem", "missing.key", "missing.key: no such file or directory"},
		{"", "a.pem", "b.key", "b.key: tls: private key does not match public key"},
		{"", "a.key", "a.pem", "PEM inputs may have been switched"},
		{"", "none.pem", "a.key", "failed to find any PEM data in certificate input"},
		{"", "a.pem", "none.pem", "failed to find any PEM data in key input"},
		{"", "a.pem", "locked.key", "locked.key: the key has a passphrase: want one without"},
		{"", "a.pem", "", "go together"},
		{"", "", "a.key", "go together"},
	} {
		file := func(name string) string {
			if name != "" {
				name = filepath.Join(dir, name)
			}
			return name
		}
		_, err := otlp.LoadTLS(file(test.ca), file(test.cert), file(test.key))
		switch {
		case test.want == "" && err != nil, test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
			t.Errorf("%+v: %v", test, err)
		case err != nil && strings.Contains(err.Error(), "\n"):
			t.Errorf("%+v: several lines: %v", test, err)
		}
	}
}
