package fanout

import (
	"net/netip"
	"net/url"
	"strings"
)

// reaches reports whether what is sent to an OpenTelemetry receiver comes back, since it is
// at the address of an input.
func reaches(dest, input string) bool {
	to, err := url.Parse(dest)
	at, err2 := url.Parse(input)
	if err != nil || err2 != nil || !strings.HasPrefix(to.Scheme, "otlp+") || !strings.HasPrefix(at.Scheme, "otlp+") {
		return false
	}
	port := at.Port()
	if port == "" {
		port = "4318"
	}
	return port != "0" && to.Port() == port && (to.Hostname() == at.Hostname() || isHere(to.Hostname()) && isHere(at.Hostname()))
}

// isHere reports whether a host is this machine.
func isHere(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && (addr.Unmap().IsLoopback() || addr.IsUnspecified())
}
