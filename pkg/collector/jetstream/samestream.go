package jetstream

import (
	"net"
	"net/netip"
	"slices"
	"strings"
)

// SameStream reports whether two addresses appear to be of the same stream: they have its
// name and a server in common. All names of the local machine count as the same.
func (a Address) SameStream(b Address) bool {
	others := b.servers()
	return a.Stream == b.Stream && slices.ContainsFunc(a.servers(), func(server string) bool { return slices.Contains(others, server) })
}

// Origin returns a name of the stream for [Writer.From] that does not depend on how its
// servers are spelled.
func (a Address) Origin() string {
	return Scheme + strings.Join(a.servers(), ",") + "/" + a.Stream
}

// servers returns the hosts, sorted, with localhost for all names of the local machine.
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
