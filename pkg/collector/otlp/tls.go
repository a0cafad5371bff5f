package otlp

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
)

// LoadTLS reads PEM files: the authorities that vouch for the receiver, instead of those
// of the system; and the certificate of the client with its private key. The names may be
// empty, the last two only together.
func LoadTLS(ca, cert, key string) (*tls.Config, error) {
	config := new(tls.Config)
	if ca != "" {
		pem, err := os.ReadFile(ca)
		if err != nil {
			return nil, err
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s: no certificate: want PEM, with -----BEGIN CERTIFICATE-----", ca)
		}
	}
	if cert == "" && key == "" {
		return config, nil
	}
	if cert == "" || key == "" {
		return nil, errors.New("a certificate of the client and its private key go together")
	}
	pair, err := loadPair(cert, key)
	config.Certificates = []tls.Certificate{pair}
	return config, err
}

// loadPair reads a certificate and its private key.
func loadPair(cert, key string) (pair tls.Certificate, err error) {
	certPEM, err := os.ReadFile(cert)
	if err != nil {
		return pair, err
	}
	keyPEM, err := os.ReadFile(key)
	if err != nil {
		return pair, err
	}
	if bytes.Contains(keyPEM, []byte("ENCRYPTED")) {
		return pair, fmt.Errorf("%s: the key has a passphrase: want one without, as 'openssl pkey' writes it", key)
	}
	if pair, err = tls.X509KeyPair(certPEM, keyPEM); err != nil {
		return pair, fmt.Errorf("%s and %s: %w", cert, key, err)
	}
	return pair, nil
}
