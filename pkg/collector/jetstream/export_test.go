package jetstream

import "github.com/nats-io/nats.go"

// Through returns the address with a dialer to reach its hosts.
func (a Address) Through(dialer nats.CustomDialer) Address {
	a.dialer = dialer
	return a
}
