package hook

import (
	"os"
	"time"

	"auditctl/pkg/events"
	"auditctl/pkg/internal/event"
	"auditctl/pkg/internal/osfile"
)

// Values of error_type in what ErrorLines returns.
const (
	ErrorNotRecorded = "not_recorded" // the record's events follow
	ErrorRecorded    = "recorded"     // in spite of what went wrong
)

// ErrorLines returns an event of the type error, which says what went wrong with a record,
// and the record's events unless they were recorded.
func ErrorLines(r *Record, message string, recorded bool, at time.Time) []byte {
	kind := ErrorNotRecorded
	if recorded {
		kind = ErrorRecorded
	}
	var w event.Writer
	w.Begin(events.TypeError, event.Envelope{Time: at, Session: r.Session})
	w.Dst = append(w.Dst, '}')
	w.String("error_type", kind)
	w.String("error_message", message)
	w.String("error_context", "hook "+r.Name)
	w.End()
	lines := w.Dst
	if !recorded {
		lines = append(lines, r.Lines...)
	}
	return lines
}

// AppendLines appends lines to a file of errors. It is created with mode 0600, and must be a
// regular file, not a link to one.
func AppendLines(path string, lines []byte) error {
	f, err := osfile.OpenLocked(path, func() (*os.File, error) {
		return osfile.OpenRegular(path, os.O_RDWR|os.O_APPEND|os.O_CREATE|osfile.NoFollow, 0o600)
	})
	if err != nil {
		return err
	}
	defer f.Close()
	var last [1]byte
	if st, err := f.Stat(); err == nil && st.Size() > 0 {
		if _, err := f.ReadAt(last[:], st.Size()-1); err == nil && last[0] != '\n' {
			lines = append([]byte{'\n'}, lines...)
		}
	}
	_, err = f.Write(lines)
	return err
}
