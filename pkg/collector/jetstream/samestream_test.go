package jetstream_test

import (
	"testing"

	"auditctl/pkg/collector/jetstream"
)

// A stream is the same under all names of its server and of the local machine.
func TestSameStream(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b string
		same bool
	}{
		{"nats://localhost/A", "nats://127.0.0.1/A?subject=b", true},
		{"nats://LOCALHOST./A", "nats://[::1]:4222/A", true},
		{"nats://0.0.0.0/A", "nats://[::ffff:127.0.0.1]/A", true},
		{"nats://one,two/A", "nats://me:secret@three,Two/A", true},
		{"nats://localhost/A", "nats://localhost/B", false},
		{"nats://localhost/A", "nats://localhost:4223/A", false},
		{"nats://one/A", "nats://two/A", false},
	} {
		a, errA := jetstream.ParseAddress(test.a)
		b, errB := jetstream.ParseAddress(test.b)
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		if a.SameStream(b) != test.same || b.SameStream(a) != test.same {
			t.Errorf("%s and %s: want %t", test.a, test.b, test.same)
		}
	}
}

// The origin is the same for all spellings of an address.
func TestAddressOrigin(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"nats://Two.,127.0.0.1/A", "nats://me:secret@localhost,two/A?subject=b"} {
		a, err := jetstream.ParseAddress(address)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := a.Origin(), "nats://localhost:4222,two:4222/A"; got != want {
			t.Errorf("%s: %s, want %s", address, got, want)
		}
	}
}
