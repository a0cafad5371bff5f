package cmd

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"auditctl/cmd/internal/fanout"
	"auditctl/cmd/internal/flow"
	"auditctl/cmd/internal/input"
	"auditctl/cmd/internal/report"
	"auditctl/pkg/otlpreceiver"
)

// receiveOptions are the flags of commands that can receive what OpenTelemetry programs
// send.
type receiveOptions struct {
	maxRequest sizeValue
	anywhere   bool
	cert, key  string
}

func (o *receiveOptions) register(cmd *cobra.Command) {
	defer groupFlags(cmd, flagsForReceiving)
	fs := cmd.Flags()
	o.maxRequest = otlpreceiver.DefaultMaxRequest
	fs.Var(&o.maxRequest, "max-request", "largest request that otlp+http:// receives")
	fs.BoolVar(&o.anywhere, "listen-anywhere", false, "let other machines send to otlp+http://")
	fs.StringVar(&o.cert, "tls-cert", "", "receive with TLS, with the certificate in `FILE`")
	fs.StringVar(&o.key, "tls-key", "", "secret key of --tls-cert in `FILE`")
	completePaths(cmd, "tls-cert")
	completePaths(cmd, "tls-key")
}

// isReceiver reports whether an input is an address to receive at.
func isReceiver(path string) bool {
	return strings.HasPrefix(path, "otlp+http://") || strings.HasPrefix(path, "otlp+https://")
}

// tokenVariable has the token that senders must name.
func tokenVariable() string { return EnvVar("OTLP_TOKEN") }

// openReceivers listens at those of f's inputs that are addresses to receive at, and
// decodes what comes from there unless the flags say what it is. Destinations are then
// tried again, since senders are. It must be called before destinations are added.
func (o *receiveOptions) openReceivers(f *flow.Flow, opts *fanout.Options, from *decodeOptions) error {
	receivers := 0
	for _, in := range f.Inputs {
		if isReceiver(in.Path()) {
			receivers++
		}
	}
	switch {
	case receivers == 0:
		return o.refuseUnused()
	case receivers < len(f.Inputs) || len(f.Directories) > 0:
		return usagef("what otlp+http:// receives does not end: read other inputs in another run")
	}
	from.assume(f, "otlp")
	config, err := o.tls()
	if err != nil {
		return err
	}
	for _, in := range f.Inputs {
		if err := o.open(in, f.Reports, config); err != nil {
			for _, in := range f.Inputs {
				in.Close()
			}
			return err
		}
	}
	opts.Retry = true
	return nil
}

// refuseUnused refuses flags that have no effect.
func (o *receiveOptions) refuseUnused() error {
	unused := ""
	switch {
	case o.anywhere:
		unused = "listen-anywhere"
	case o.cert != "":
		unused = "tls-cert"
	case o.key != "":
		unused = "tls-key"
	case o.maxRequest != otlpreceiver.DefaultMaxRequest:
		unused = "max-request"
	default:
		return nil
	}
	return usagef("--%s is for receiving: read from otlp+http://HOST:PORT, or drop it", unused)
}

// tls returns how to encrypt, nil if the flags do not ask for it.
func (o *receiveOptions) tls() (*tls.Config, error) {
	switch {
	case o.cert == "" && o.key == "":
		return nil, nil
	case o.cert == "":
		return nil, usagef("--tls-key is the key of a certificate: add --tls-cert")
	case o.key == "":
		return nil, usagef("--tls-cert needs its secret key: add --tls-key")
	}
	pair, err := tls.LoadX509KeyPair(o.cert, o.key)
	if err != nil {
		return nil, fmt.Errorf("--tls-cert %s, --tls-key %s: %w", o.cert, o.key, err)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}, nil
}

// open listens at an input's address.
func (o *receiveOptions) open(in *input.Input, reports *report.Reporter, config *tls.Config) error {
	name := report.Redacted(in.Path())
	host, port, err := receiverAddress(in.Path())
	switch {
	case err != nil:
		return usagef("%s: %w", name, err)
	case strings.HasPrefix(in.Path(), "otlp+https://") && config == nil:
		return usagef("%s: TLS needs a certificate: add --tls-cert and --tls-key", name)
	}
	local := isLoopback(host)
	if !local && !o.anywhere {
		return usagef("%s: other machines could send there: name localhost, or add --listen-anywhere", name)
	}
	variable := os.Getenv(tokenVariable())
	token := strings.TrimSpace(variable) // one from a file may end with a line feed
	if variable != "" && token == "" {
		return usagef("$%s is blank: set it to the token, or unset it", tokenVariable())
	}
	l, err := net.Listen("tcp", net.JoinHostPort(host, port))
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if !local && token != "" && config == nil {
		reports.Printf("%s: others can read the token on its way: add --tls-cert and --tls-key", name)
	}
	receiver := otlpreceiver.New(&otlpreceiver.Options{
		MaxRequest: int64(o.maxRequest),
		Token:      token,
		Local:      local,
		Name:       host,
		Logger:     reports.Logger(name),
	})
	in.From(name, input.NewOTLP(receiver, l, config, reports))
	return nil
}

// receiverAddress returns the host and port of an address to receive at.
func receiverAddress(address string) (host, port string, err error) {
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return "", "", fmt.Errorf("want otlp+http://HOST:PORT")
	case u.User != nil:
		return "", "", fmt.Errorf("set the token in $%s", tokenVariable())
	case u.RawQuery != "" || u.Fragment != "" || !slices.Contains([]string{"", "/", "/v1/logs"}, u.Path) || u.Hostname() == "":
		return "", "", fmt.Errorf("want otlp+http://HOST:PORT")
	}
	if port = u.Port(); port == "" {
		port = "4318"
	}
	return u.Hostname(), port, nil
}

// isLoopback reports whether a host is this machine for nobody but itself.
func isLoopback(host string) bool {
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr.Unmap().IsLoopback()
	}
	addrs, err := net.DefaultResolver.LookupNetIP(context.Background(), "ip", host)
	return err == nil && len(addrs) > 0 && !slices.ContainsFunc(addrs, func(a netip.Addr) bool { return !a.Unmap().IsLoopback() })
}
