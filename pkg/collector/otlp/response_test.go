package otlp_test

import (
	"testing"

	collectorpb "go.opentelemetry.io/proto/slim/otlp/collector/logs/v1"
	statuspb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"auditctl/pkg/collector/otlp"
)

// What the protobuf library decodes is decoded alike. What it refuses may be decoded: it
// checks more.
func FuzzResponse(f *testing.F) {
	f.Add("\x0a\x08\x08\x03\x12\x04full\x0a\x00", false)
	f.Add("\x0a\x03\x12\x01\xff", false)
	f.Add("\x08\x03\x12\x04full\x1a\x00", false)
	f.Add("\x0a\x01", false)
	f.Add("", false)
	for _, text := range []string{
		`{"partialSuccess": {"rejectedLogRecords": "-2", "errorMessage": "f\u00fcll"}}`,
		"\n{\n\"partial_success\": {\"rejected_log_records\": 2, \"error_message\": \"full\"},\n\"more\": [{}]}\n",
		`{"partialSuccess": {"rejectedLogRecords": 2e3, "errorMessage": null}}`,
		`{"partialSuccess": {"rejectedLogRecords": 9223372036854775808}}`,
		`{"partialSuccess": {"rejectedLogRecords": 2.5}}`,
		`{"partialSuccess": {"errorMessage": 1}}`,
		`{"partialSuccess": []}`, `{"partialSuccess": null}`, `{}`, `[]`, `{} {}`, "{\"message\": \"\xff\"}", ``,
		`{"code": 3, "message": "no such tenant", "details": []}`, `{"message": 3}`, `{"message": null}`,
	} {
		f.Add(text, true)
	}
	f.Fuzz(func(t *testing.T, body string, asJSON bool) {
		mediaType, unmarshal := "application/x-protobuf", proto.Unmarshal
		if asJSON {
			mediaType, unmarshal = "application/json", protojson.UnmarshalOptions{DiscardUnknown: true}.Unmarshal
		}
		var answer collectorpb.ExportLogsServiceResponse
		rejected, message, ok := otlp.DecodePartialSuccess(mediaType, []byte(body))
		if err := unmarshal([]byte(body), &answer); err == nil {
			if want := answer.GetPartialSuccess(); !ok || rejected != want.GetRejectedLogRecords() || message != want.GetErrorMessage() {
				t.Errorf("%q: %d, %q, %t, want %v", body, rejected, message, ok, &answer)
			}
		} else if ok && !asJSON {
			t.Errorf("%q: ok, want %v", body, err)
		}
		var status statuspb.Status
		if message, ok := otlp.DecodeStatus(mediaType, []byte(body)); unmarshal([]byte(body), &status) == nil && (!ok || message != status.GetMessage()) {
			t.Errorf("%q: %q, %t, want %v", body, message, ok, &status)
		}
	})
}

// Neither is made of what is not one.
func TestNoResponse(t *testing.T) {
	for _, body := range []string{``, `[]`, `"x"`, `{} {}`, `{"message": 3, "partialSuccess": 3}`, "{\"message\": \"\xff\"}"} {
		if _, _, ok := otlp.DecodePartialSuccess("application/json", []byte(body)); ok {
			t.Errorf("%q is an ExportLogsServiceResponse", body)
		}
		if _, ok := otlp.DecodeStatus("application/json", []byte(body)); ok {
			t.Errorf("%q is a Status", body)
		}
	}
}
