package jetstream

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go"
)

// Scheme is the prefix of an [Address].
const Scheme = "nats://"

// Defaults of an [Address].
const (
	DefaultPort    = "4222"
	DefaultSubject = "audit"
)

// An Address names a stream and how to reach it:
//
//	nats://[USER[:PASSWORD]@]HOST[:PORT][,HOST[:PORT]…]/STREAM[?OPTION=VALUE&…]
//
// A USER without a password is a token. The options are:
//
//	subject=PREFIX     the prefix of subjects (default audit)
//	replicas=N         the replicas of a stream that is created (default 1)
//	creds=FILE         credentials, as nsc writes them
//	tls=on|first       require TLS; first: before the server sends anything
//	ca=FILE            the certificate authority of the server
//	cert=FILE,key=FILE the certificate of the client
type Address struct {
	Hosts    []string // each with its port
	Stream   string
	Subject  string
	Replicas int

	Token, User, Password string // a token, or a user and a password
	Credentials           string

	TLS           TLS
	CA, Cert, Key string

	dialer nats.CustomDialer // nil except in tests
}

// TLS says when a connection is encrypted.
type TLS string

// When a connection is encrypted.
const (
	TLSAsked TLS = ""      // if the server requires it
	TLSOn    TLS = "on"    // always
	TLSFirst TLS = "first" // always, and before the server sends anything
)

// ParseAddress parses an address. Its errors say what to write instead, and do not show
// passwords.
func ParseAddress(text string) (Address, error) {
	rest, ok := strings.CutPrefix(text, Scheme)
	if !ok {
		return Address{}, errors.New("not a nats:// address: want nats://HOST/STREAM")
	}
	a := Address{Subject: DefaultSubject, Replicas: 1}
	rest, query, _ := strings.Cut(rest, "?")
	hosts, stream, _ := strings.Cut(rest, "/")
	if strings.Contains(stream+query, "@") {
		return Address{}, errors.New("an @ after the first / or ?: write it as %40, and a / or ? in the password as %2F or %3F")
	}
	if i := strings.LastIndexByte(hosts, '@'); i >= 0 {
		if err := a.setUser(hosts[:i]); err != nil {
			return Address{}, err
		}
		hosts = hosts[i+1:]
	}
	if err := a.setHosts(hosts); err != nil {
		return Address{}, err
	}
	var err error
	if a.Stream, err = url.PathUnescape(stream); err != nil || !legalName(a.Stream) {
		return Address{}, fmt.Errorf("invalid stream name %q: want nats://HOST/STREAM, the name without blanks, dots, slashes, * and >", stream)
	}
	options, err := url.ParseQuery(query)
	if err != nil {
		return Address{}, errors.New("an option is badly escaped: write % as %25")
	}
	for name, values := range options {
		if len(values) > 1 {
			return Address{}, fmt.Errorf("option %s is given twice: want it once", name)
		}
		if err := a.set(name, values[0]); err != nil {
			return Address{}, err
		}
	}
	return a, a.check()
}

func (a *Address) setUser(text string) error {
	user, password, both := strings.Cut(text, ":")
	u, err := url.PathUnescape(user)
	p, passwordErr := url.PathUnescape(password)
	switch {
	case err != nil || passwordErr != nil:
		return errors.New("the user or password is badly escaped: write % as %25")
	case u == "":
		return errors.New("no user before @: want USER:PASSWORD@ or TOKEN@")
	case both:
		a.User, a.Password = u, p
	default:
		a.Token = u
	}
	return nil
}

func (a *Address) setHosts(list string) error {
	for _, host := range strings.Split(list, ",") {
		name, port, err := net.SplitHostPort(host)
		if err != nil { // most likely without a port
			name, port, err = net.SplitHostPort(host + ":" + DefaultPort)
		}
		number, portErr := strconv.ParseUint(port, 10, 16)
		if err != nil || portErr != nil || number == 0 || name == "" || strings.ContainsAny(name, " \t\r\n@") {
			return errors.New("malformed host: want HOST or HOST:PORT, an IPv6 address in brackets, and USER:PASSWORD@ before it")
		}
		a.Hosts = append(a.Hosts, net.JoinHostPort(name, port))
	}
	return nil
}

func (a *Address) set(name, value string) error {
	var to *string
	switch name {
	case "subject":
		to = &a.Subject
	case "creds":
		to = &a.Credentials
	case "ca":
		to = &a.CA
	case "cert":
		to = &a.Cert
	case "key":
		to = &a.Key
	case "tls":
		switch a.TLS = TLS(value); a.TLS {
		case TLSOn, TLSFirst:
			return nil
		}
		return fmt.Errorf("tls=%s: want on or first", value)
	case "replicas":
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 || n > 5 {
			return fmt.Errorf("replicas=%s: want 1 to 5", value)
		}
		a.Replicas = n
		return nil
	default:
		return fmt.Errorf("no option %q: want subject, replicas, creds, tls, ca, cert or key", name)
	}
	if value == "" {
		return fmt.Errorf("option %s is empty: leave it out", name)
	}
	*to = value
	return nil
}

func (a *Address) check() error {
	if (a.Cert == "") != (a.Key == "") {
		return errors.New("cert and key go together: give both")
	}
	if a.Credentials != "" && (a.User != "" || a.Token != "") {
		return errors.New("creds and a user: give one of them")
	}
	for token := range strings.SplitSeq(a.Subject, ".") {
		if !legalName(token) || strings.HasPrefix(a.Subject, "$") {
			return fmt.Errorf("subject=%s: want words with dots between them, without blanks, * and >", a.Subject)
		}
	}
	return nil
}

// legalName reports whether a stream, a consumer or a token of a subject may have a name.
func legalName(name string) bool {
	return name != "" && len(name) <= 255 && !strings.ContainsFunc(name, func(r rune) bool {
		return r <= ' ' || r == 0x7f || strings.ContainsRune(`.*>/\`, r)
	})
}

// String returns the address in the format of [ParseAddress], with xxxxx instead of a
// password or token.
func (a Address) String() string {
	var b strings.Builder
	b.WriteString(Scheme)
	switch {
	case a.Token != "":
		b.WriteString("xxxxx@")
	case a.User != "":
		b.WriteString(url.PathEscape(a.User) + ":xxxxx@")
	}
	b.WriteString(strings.Join(a.Hosts, ",") + "/" + url.PathEscape(a.Stream))
	options := url.Values{}
	for _, o := range []struct{ name, value, byDefault string }{
		{"subject", a.Subject, DefaultSubject},
		{"replicas", strconv.Itoa(a.Replicas), "1"},
		{"creds", a.Credentials, ""},
		{"tls", string(a.TLS), ""},
		{"ca", a.CA, ""},
		{"cert", a.Cert, ""},
		{"key", a.Key, ""},
	} {
		if o.value != o.byDefault {
			options.Set(o.name, o.value)
		}
	}
	if len(options) > 0 {
		b.WriteString("?" + options.Encode())
	}
	return b.String()
}
