package jetstream_test

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/nats-io/nats-server/v2/server"

	"auditctl/pkg/collector/jetstream"
)

// serve starts a server for the examples and returns the address of a stream.
func serve() (address string, stop func()) {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		panic(err)
	}
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoLog: true, NoSigs: true, JetStream: true, StoreDir: dir})
	if err != nil {
		panic(err)
	}
	s.Start()
	s.ReadyForConnections(patience)
	return "nats://" + s.Addr().String() + "/AUDIT", func() {
		s.Shutdown()
		s.WaitForShutdown()
		os.RemoveAll(dir)
	}
}

// The same lines of the same origin are written only once, even by several runs.
func ExampleOpen() {
	text, stop := serve()
	defer stop()
	address, err := jetstream.ParseAddress(text)
	if err != nil {
		fmt.Println(err)
		return
	}
	for range 2 {
		w, err := jetstream.Open(context.Background(), address, &jetstream.Options{Origin: "host.example/var/log/audit.jsonl"})
		if err != nil {
			fmt.Println(err)
			return
		}
		if err := w.EmitLines([]byte(`{"event_type": "turn_start", "session_id": "nightly"}` + "\n")); err != nil {
			fmt.Println(err)
		}
		if err := w.Close(); err != nil {
			fmt.Println(err)
		}
	}
	r, err := jetstream.OpenReader(context.Background(), address, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer r.Close()
	io.Copy(os.Stdout, r)
	// Output:
	// {"event_type": "turn_start", "session_id": "nightly"}
}

// With a cursor, reading continues after what was acknowledged.
func ExampleReader() {
	text, stop := serve()
	defer stop()
	address, err := jetstream.ParseAddress(text)
	if err != nil {
		fmt.Println(err)
		return
	}
	w, err := jetstream.Open(context.Background(), address, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, lines := range []string{"{\"event_type\": \"a\"}\n{\"event_type\": \"b\"}\n", "{\"event_type\": \"c\"}\n"} {
		if err := w.EmitLines([]byte(lines)); err != nil {
			fmt.Println(err)
		}
		if err := w.Flush(); err != nil {
			fmt.Println(err)
		}
		r, err := jetstream.OpenReader(context.Background(), address, &jetstream.ReaderOptions{Cursor: "report"})
		if err != nil {
			fmt.Println(err)
			return
		}
		n, err := io.Copy(os.Stdout, r)
		if err != nil {
			fmt.Println(err)
		}
		r.Ack(n) // what was printed
		if err := r.Close(); err != nil {
			fmt.Println(err)
		}
		fmt.Println("--")
	}
	if err := w.Close(); err != nil {
		fmt.Println(err)
	}
	// Output:
	// {"event_type": "a"}
	// {"event_type": "b"}
	// --
	// {"event_type": "c"}
	// --
}

// An address is printed without its secrets.
func ExampleParseAddress() {
	address, err := jetstream.ParseAddress("nats://auditor:hunter2@n1,n2,n3/AUDIT?replicas=3")
	fmt.Println(address, err)
	// Output:
	// nats://auditor:xxxxx@n1:4222,n2:4222,n3:4222/AUDIT?replicas=3 <nil>
}

// The tokens of an event's session and type are part of its subject.
func ExampleToken() {
	fmt.Println(jetstream.Token("sess-1.2") + "." + jetstream.Token("tool_call"))
	// Output:
	// sess-1%2E2.tool_call
}
