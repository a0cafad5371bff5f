package jetstream_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"

	"auditctl/pkg/collector/jetstream"
)

// Each part of an address for authentication and TLS is necessary and sufficient for a
// server that requires it.
func TestAccess(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	authority := newAuthority(t)
	serverTLS := &tls.Config{Certificates: []tls.Certificate{authority.issue(t, dir, "server")}, ClientCAs: authority.pool}
	clientTLS := serverTLS.Clone()
	clientTLS.ClientAuth = tls.RequireAndVerifyClientCert
	authority.issue(t, dir, "client")
	ca := filepath.Join(dir, "ca.pem")
	if err := os.WriteFile(ca, authority.pem, 0o600); err != nil {
		t.Fatal(err)
	}
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

// An authority signs certificates.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  []byte
	pool *x509.CertPool
}

func newAuthority(t testing.TB) *authority {
	a := &authority{cert: template("authority"), key: newPrivateKey(t), pool: x509.NewCertPool()}
	a.cert.IsCA, a.cert.BasicConstraintsValid, a.cert.KeyUsage = true, true, x509.KeyUsageCertSign
	der, err := x509.CreateCertificate(rand.Reader, a.cert, a.cert, a.key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	a.pem = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	a.pool.AppendCertsFromPEM(a.pem)
	return a
}

// issue writes a certificate to NAME.pem and its key to NAME.key.
func (a *authority) issue(t testing.TB, dir, name string) tls.Certificate {
	key := newPrivateKey(t)
	der, err := x509.CreateCertificate(rand.Reader, template(name), a.cert, key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	keyPEM := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})
	for suffix, text := range map[string][]byte{".pem": certPEM, ".key": keyPEM} {
		if err := os.WriteFile(filepath.Join(dir, name+suffix), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pair, err := tls.X509KeyPair(certPEM, keyPEM)
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

func newPrivateKey(t testing.TB) *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func template(name string) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		Subject:      pkix.Name{CommonName: name},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(time.Hour),
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		KeyUsage:     x509.KeyUsageDigitalSignature,
	}
}
