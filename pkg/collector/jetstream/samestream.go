package jetstream

import (
	"net"
	"net/netip"
	"slices"
	"strings"
)

// SameStream reports whether two addresses seem to lead to one stream: they have its
// name and a server in common, where all names and addresses of this machine are one.
func (a Address) SameStream(b Address) bool {
	others := b.servers()
	return a.Stream == b.Stream && slices.ContainsFunc(a.servers(), func(server string) bool { return slices.Contains(others, server) })
}

// Origin names the stream for [Writer.From], however its servers are spelled.
func (a Address) Origin() string {
	return Scheme + strings.Join(a.servers(), ",") + "/" + a.Stream
}

// servers returns the hosts in order, this one always as localhost.
func (a Address) servers() (servers []string) {
	for _, host := range a.Hosts {
		name, port, err := net.SplitHostPort(host)
		if err != nil {
			name = host
		}
		name = strings.ToLower(strings.TrimSuffix(name, "."))
		if ip, err := netip.ParseAddr(name); err == nil {
			name = ip.Unmap().String()
			if ip.Unmap().IsLoopback() || ip.IsUnspecified() {
				name = "localhost"
			}
		}
		servers = append(servers, net.JoinHostPort(name, port))
	}
	slices.Sort(servers)
	return servers
}
