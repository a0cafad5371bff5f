package cmd_test

import (
	"fmt"
	"strings"
	"testing"
)

// In a log with very many names, similar ones are not searched to the end, which would
// take long. Names that are in the log are still found.
func TestManyNames(t *testing.T) {
	t.Parallel()
	event := func(session string) string { return `{"event_type": "a", "session_id": "` + session + `"}` + "\n" }
	var log strings.Builder
	log.WriteString(event("first-sesion") + event("third-sesion"))
	for i := range 20_000 {
		log.WriteString(event(fmt.Sprintf("n%011d", i)))
	}
	log.WriteString(event("next-session") + event("third-session"))

	const names = "first-session,nxet-session,third-session,none-session"
	const want = `auditctl: --session-id: no event had the session "first-session": did you mean first-sesion?` + "\n"
	if _, _, stderr := run(strings.NewReader(log.String()), "filter", "-j", "1", "--session-id", names); stderr != want {
		t.Errorf("%q, want %q", stderr, want)
	}
}
