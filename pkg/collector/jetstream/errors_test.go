package jetstream_test

import (
	"crypto/tls"
	"io"
	"strings"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	api "github.com/nats-io/nats.go/jetstream"

	"auditctl/pkg/collector/jetstream"
	"auditctl/testdata/tlstest"
)

// The error of a Writer that cannot write says why, and what to do.
func TestWriterMessages(t *testing.T) {
	t.Parallel()
	authority := tlstest.New(t, t.TempDir())
	withTLS := &tls.Config{Certificates: []tls.Certificate{authority.Issue("server")}}
	ca := authority.File
	for _, test := range []struct {
		name    string
		server  func(*server.Options)
		streams []api.StreamConfig
		host    string // instead of 127.0.0.1
		options string // of the address
		want    string
	}{
		{"no JetStream", func(o *server.Options) { o.JetStream = false }, nil, "", "",
			"stream AUDIT: the server has no JetStream: enable it with jetstream {} in the server's configuration"},
		{"TLS first", func(o *server.Options) {
			o.TLS, o.TLSConfig, o.TLSHandshakeFirst, o.TLSTimeout = true, withTLS, true, 0.1
		}, nil, "", "?ca=" + ca, "the server does not say what it is: if it wants TLS first, add ?tls=first"},
		{"a certificate for another name", func(o *server.Options) { o.TLS, o.TLSConfig, o.TLSTimeout = true, withTLS, 60 }, nil, "localhost", "?ca=" + ca,
			"the server's certificate is for another name: "},
		{"replicas without a cluster", nil, nil, "", "?replicas=3", "stream AUDIT: the server is in no cluster: leave ?replicas= out"},
		{"overlap", nil, []api.StreamConfig{{Name: "OTHER", Subjects: []string{"audit.a.*"}}}, "", "",
			"stream AUDIT: stream OTHER has subjects audit.> already: write to that, or say what the subjects of this one begin with, as in ?subject=audit"},
		{"other subjects", nil, []api.StreamConfig{{Name: "AUDIT", Subjects: []string{"other.>"}}}, "", "",
			"stream AUDIT takes no subjects audit.>: add them to it, or name another stream or ?subject="},
		{"mirror", nil, []api.StreamConfig{{Name: "OTHER"}, {Name: "AUDIT", Mirror: &api.StreamSource{Name: "OTHER"}}}, "", "",
			"stream AUDIT is a mirror of OTHER: write to that"},
		{"sealed", nil, []api.StreamConfig{{Name: "AUDIT", Subjects: []string{"audit.>"}, Sealed: true}}, "", "",
			"stream AUDIT is sealed and takes no more lines: name another stream"},
		{"full", nil, []api.StreamConfig{{Name: "AUDIT", Subjects: []string{"audit.>"}, MaxMsgs: 1, Discard: api.DiscardNew, AllowAtomicPublish: true}}, "", "",
			"the stream is full (maximum messages exceeded): raise its limits, or let it discard old messages"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			n := startNode(t, test.server)
			for _, cfg := range test.streams {
				makeAnyStream(t, n, cfg)
			}
			host := n.host()
			if test.host != "" {
				host = strings.Replace(host, "127.0.0.1", test.host, 1)
			}
			err := writeTo(t, parseAddress(t, "nats://"+host+"/AUDIT"+test.options), "")
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
	t.Run("refused", func(t *testing.T) {
		t.Parallel()
		n := startNode(t, nil)
		address := n.server.Addr().String()
		n.stop()
		err := writeTo(t, parseAddress(t, "nats://"+address+","+address+"/AUDIT"), "")
		if want := "connect to " + address + " or " + address + ": connection refused: no server listens there"; err == nil || err.Error() != want {
			t.Errorf("%v, want %q", err, want)
		}
	})
}

// writeTo writes some lines to a stream.
func writeTo(t testing.TB, a jetstream.Address, spool string) error {
	t.Helper()
	w, err := jetstream.Open(t.Context(), a, &jetstream.Options{Spool: spool})
	if err != nil {
		return err
	}
	emitLines(t, w, joined(numberedTo(3)))
	return w.Close()
}

// An error for a missing permission names it and its subject, and comes without waiting.
func TestPermissions(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, publish, subscribe string // what is denied
		want                     string
	}{
		{"a line", "audit.s1.>", "", "the user may not publish to audit.s1.tool_call_complete: give it that permission at the server"},
		{"all of JetStream", "$JS.API.>", "", "stream AUDIT: the user may not publish to $JS.API.STREAM.INFO.AUDIT: give it"},
		{"to make a stream", "$JS.API.STREAM.CREATE.*", "", "the user may not publish to $JS.API.STREAM.CREATE.AUDIT: give it"},
		{"answers", "", "_INBOX.>", "the user may not subscribe to _INBOX.>: give it"},
		{"a dispensable one", "$JS.API.CONSUMER.DELETE.>", "", ""},
		{"to read", "$JS.API.CONSUMER.CREATE.>", "", "the user may not publish to $JS.API.CONSUMER.CREATE.AUDIT.>: give it"},
		{"to read on", "$JS.API.CONSUMER.MSG.NEXT.>", "", "the user may not publish to $JS.API.CONSUMER.MSG.NEXT.AUDIT.>: give it"},
		{"to acknowledge", "$JS.ACK.>", "", "lines that were read may come again: the user may not publish to $JS.ACK.>: give it"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			n := startNode(t, func(o *server.Options) {
				deny := func(subject string) *server.SubjectPermission {
					if subject == "" {
						return nil
					}
					return &server.SubjectPermission{Deny: []string{subject}}
				}
				o.Users = []*server.User{{Username: "u", Password: "p", Permissions: &server.Permissions{Publish: deny(test.publish), Subscribe: deny(test.subscribe)}}}
			})
			a := parseAddress(t, "nats://u:p@"+n.host()+"/AUDIT")
			err := writeTo(t, a, "")
			if err == nil {
				err = readWith(t, a)
			}
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
}

// readWith reads a whole stream with a cursor.
func readWith(t testing.TB, a jetstream.Address) error {
	t.Helper()
	r, err := jetstream.OpenReader(t.Context(), a, &jetstream.ReaderOptions{Cursor: "c"})
	if err != nil {
		return err
	}
	n, err := io.Copy(io.Discard, r)
	if err != nil {
		r.Close()
		return err
	}
	r.Ack(n)
	return r.Close()
}
