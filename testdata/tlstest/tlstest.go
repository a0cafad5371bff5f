// Package tlstest makes certificates for tests.
package tlstest

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
	"time"
)

// TB is what of a test is used.
type TB interface {
	Fatalf(format string, args ...any)
}

// An Authority signs certificates for 127.0.0.1, for servers and clients.
type Authority struct {
	Pool *x509.CertPool // has only its own certificate
	File string         // the name of a file with that: ca.pem

	t    TB
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// New returns an authority that keeps its files in a directory.
func New(t TB, dir string) *Authority {
	a := &Authority{t: t, dir: dir, File: filepath.Join(dir, "ca.pem"), Pool: x509.NewCertPool(), cert: template("authority")}
	a.key = a.newKey()
	a.cert.IsCA, a.cert.BasicConstraintsValid, a.cert.KeyUsage = true, true, x509.KeyUsageCertSign
	text := a.sign(a.cert, a.key)
	a.write("ca.pem", text)
	a.Pool.AppendCertsFromPEM(text)
	return a
}

// Issue returns a certificate, which it also writes to NAME.pem, and its key to NAME.key.
func (a *Authority) Issue(name string) tls.Certificate {
	key := a.newKey()
	cert := a.sign(template(name), key)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	a.check(err)
	keyText := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	a.write(name+".pem", cert)
	a.write(name+".key", keyText)
	pair, err := tls.X509KeyPair(cert, keyText)
	a.check(err)
	return pair
}

func (a *Authority) sign(cert *x509.Certificate, key *ecdsa.PrivateKey) []byte {
	der, err := x509.CreateCertificate(rand.Reader, cert, a.cert, key.Public(), a.key)
	a.check(err)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

func (a *Authority) newKey() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	a.check(err)
	return key
}

func (a *Authority) write(name string, text []byte) {
	a.check(os.WriteFile(filepath.Join(a.dir, name), text, 0o600))
}

func (a *Authority) check(err error) {
	if err != nil {
		a.t.Fatalf("%v", err)
	}
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
