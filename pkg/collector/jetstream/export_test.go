package jetstream

import "github.com/nats-io/nats.go"

// Through returns the address as one whose hosts are reached through a dialer.
func (a Address) Through(dialer nats.CustomDialer) Address {
	a.dialer = dialer
	return a
}
