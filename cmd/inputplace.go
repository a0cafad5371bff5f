package cmd

import (
	"os"

	"auditctl/pkg/collector/jetstream"
)

// What destinations know of an input.

func (in *input) Path() string      { return in.path }
func (in *input) Stat() os.FileInfo { return in.stat(Streams{In: in.stdin}) }
func (in *input) Origin() string    { return in.origin(Streams{In: in.stdin}) }

func (in *input) Address() (jetstream.Address, bool) {
	if in.feed == nil {
		return jetstream.Address{}, false
	}
	return in.feed.address, true
}
