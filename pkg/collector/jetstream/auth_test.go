package jetstream_test

import (
	"crypto/tls"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"

	"auditctl/pkg/collector/jetstream"
	"auditctl/testdata/tlstest"
)

// Each part of an address for authentication and TLS is necessary and sufficient for a
// server that requires it.
func TestAccess(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	authority := tlstest.New(t, dir)
	serverTLS := &tls.Config{Certificates: []tls.Certificate{authority.Issue("server")}, ClientCAs: authority.Pool}
	clientTLS := serverTLS.Clone()
	clientTLS.ClientAuth = tls.RequireAndVerifyClientCert
	authority.Issue("client")
	ca := authority.File
	creds := filepath.Join(dir, "audit.creds")
	withTLS := func(cfg *tls.Config) func(*server.Options) {
		return func(o *server.Options) { o.TLS, o.TLSConfig, o.TLSTimeout = true, cfg, 10 }
	}
	for _, test := range []struct {
		name   string
		server func(*server.Options)
		good   string // the user of an address that works, and its options
		goodIs string
		bad    string // the same of one that does not
		badIs  string
		want   string // the error then
	}{
		{"password", func(o *server.Options) { o.Username, o.Password = "u", "p@ss" }, "u:p%40ss@", "", "u:wrong@", "", "does not let us in: check the user and password"},
		{"token", func(o *server.Options) { o.Authorization = "t0ken" }, "t0ken@", "", "", "", "does not let us in: check the user and password, the token"},
		{"creds", func(o *server.Options) { useOperator(t, o, creds) }, "", "?creds=" + creds, "", "", "the credentials"},
		{"ca", withTLS(serverTLS), "", "?ca=" + ca, "", "", "unknown authority: name the authority's certificate with ?ca=FILE"},
		{"cert and key", withTLS(clientTLS), "", "?ca=" + ca + "&cert=" + dir + "/client.pem&key=" + dir + "/client.key", "", "?ca=" + ca, "without a certificate that it accepts: add ?cert=FILE&key=FILE"},
		{"tls=on", nil, "", "", "", "?tls=on", "the server has no TLS: leave ?tls= out"},
		{"tls=first", func(o *server.Options) { withTLS(serverTLS)(o); o.TLSHandshakeFirst = true }, "", "?tls=first&ca=" + ca, "", "?tls=first", "name the authority's certificate with ?ca=FILE"},
		{"TLS is not first", withTLS(serverTLS), "", "?tls=on&ca=" + ca, "", "?tls=first&ca=" + ca, "leave ?tls=first out, or write ?tls=on"},
		{"no file", nil, "", "", "", "?ca=" + dir + "/none.pem", "none.pem: no such file"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			n := startNode(t, test.server)
			for _, try := range []struct{ user, options, want string }{{test.bad, test.badIs, test.want}, {test.good, test.goodIs, ""}} {
				a := parseAddress(t, "nats://"+try.user+n.host()+"/AUDIT"+try.options)
				w, err := jetstream.Open(t.Context(), a, &jetstream.Options{Stall: patience}) // final errors do not wait
				if err == nil {
					err = w.Close()
				}
				if try.want == "" && err != nil || try.want != "" && (err == nil || !strings.Contains(err.Error(), try.want)) {
					t.Errorf("%s: %v, want %q", a, err, try.want)
				}
			}
		})
	}
}

// useOperator makes a server require credentials, and writes some to a file.
func useOperator(t testing.TB, o *server.Options, creds string) {
	operator, account, user := newKey(t, nkeys.CreateOperator), newKey(t, nkeys.CreateAccount), newKey(t, nkeys.CreateUser)
	operatorClaims := jwt.NewOperatorClaims(operator.public)
	accountClaims := jwt.NewAccountClaims(account.public)
	accountClaims.Limits.JetStreamLimits = jwt.JetStreamLimits{MemoryStorage: -1, DiskStorage: -1}
	systemAccount := newKey(t, nkeys.CreateAccount)
	operatorClaims.SystemAccount = systemAccount.public
	var err error
	if o.TrustedOperators, err = trusted(operatorClaims, operator); err != nil {
		t.Fatal(err)
	}
	o.SystemAccount = systemAccount.public
	resolver := new(server.MemAccResolver)
	for _, claims := range []*jwt.AccountClaims{accountClaims, jwt.NewAccountClaims(systemAccount.public)} {
		text, err := claims.Encode(operator.pair)
		if err != nil {
			t.Fatal(err)
		}
		if err := resolver.Store(claims.Subject, text); err != nil {
			t.Fatal(err)
		}
	}
	o.AccountResolver = resolver
	text, err := jwt.NewUserClaims(user.public).Encode(account.pair)
	if err != nil {
		t.Fatal(err)
	}
	seed, err := user.pair.Seed()
	if err != nil {
		t.Fatal(err)
	}
	config, err := jwt.FormatUserConfig(text, seed)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(creds, config, 0o600); err != nil {
		t.Fatal(err)
	}
}

func trusted(claims *jwt.OperatorClaims, key key) ([]*jwt.OperatorClaims, error) {
	text, err := claims.Encode(key.pair)
	if err != nil {
		return nil, err
	}
	claims, err = jwt.DecodeOperatorClaims(text)
	return []*jwt.OperatorClaims{claims}, err
}

type key struct {
	pair   nkeys.KeyPair
	public string
}

func newKey(t testing.TB, create func() (nkeys.KeyPair, error)) key {
	pair, err := create()
	if err != nil {
		t.Fatal(err)
	}
	public, err := pair.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	return key{pair, public}
}
