package claudecode

import "auditctl/pkg/events"

// maxCauses is how deep errors are looked for in each other.
const maxCauses = 4

// apiError makes an error of a request that failed, which is often tried again.
func (d *decoder) apiError() {
	given := d.record.Lookup("error")
	kind, message := events.Value(`"api_error"`), d.record.Lookup("content")
	cause := given
	for range maxCauses {
		for key, v := range cause.Members() {
			switch {
			case v.Kind() != events.String:
			case string(key) == "type" && string(v) != `"error"`:
				kind = v
			case string(key) == "message":
				message = v
			}
		}
		cause = cause.Lookup("error")
	}
	d.event(events.TypeError, nil)
	d.Meta("http.response.status_code", given.Lookup("status"))
	for _, key := range [...]string{"retryAttempt", "maxRetries", "retryInMs"} {
		d.Meta(key, d.record.Lookup(key))
	}
	d.close(d.copied)
	d.Text("error_type", kind)
	d.Preview("error_message", message)
	d.String("error_context", "")
	d.End()
}

// failedRequest makes an error of the answer that a request failed.
func (d *decoder) failedRequest(text events.Value) {
	kind := d.record.Lookup("error")
	if kind.Kind() != events.String {
		kind = events.Value(`"api_error"`)
	}
	d.event(events.TypeError, nil)
	d.Meta("http.response.status_code", d.record.Lookup("apiErrorStatus"))
	d.close(d.copied)
	d.Text("error_type", kind)
	d.Preview("error_message", text)
	d.String("error_context", "")
	d.End()
}
