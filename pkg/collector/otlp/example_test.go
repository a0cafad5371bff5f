package otlp_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"auditctl/pkg/collector/otlp"
	"auditctl/pkg/events"
)

// The receiver has the events once Flush or Close returns without an error.
func ExampleCollector() {
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		fmt.Println(r.Method, r.URL.Path, r.Header.Get("Content-Type"))
	}))
	defer receiver.Close()

	out, err := otlp.New(receiver.URL, &otlp.Options{ServiceName: "billing", RetryFor: 5 * time.Second})
	if err != nil {
		fmt.Println(err)
		return
	}
	event, err := events.New(events.NewTurnStart())
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := out.Emit(event); err != nil {
		fmt.Println(err)
	}
	if err := out.Close(); err != nil {
		fmt.Println(err)
	}
	// Output: POST /v1/logs application/x-protobuf
}
