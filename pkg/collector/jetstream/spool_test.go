package jetstream_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// awaitDelivered waits until all that is in a spool was delivered.
func awaitDelivered(t testing.TB, dir string) {
	t.Helper()
	eventually(t, "all of the spool is delivered", func() bool {
		segments, err := filepath.Glob(filepath.Join(dir, "*.spool"))
		if err != nil || len(segments) != 1 {
			return false
		}
		st, err := os.Stat(segments[0])
		if err != nil {
			return false
		}
		if st.Size() == 0 {
			return filepath.Base(segments[0]) == "00000001.spool"
		}
		var position struct{ Offset int64 }
		text, err := os.ReadFile(filepath.Join(dir, "position"))
		return err == nil && json.Unmarshal(text, &position) == nil && position.Offset == st.Size()
	})
}
