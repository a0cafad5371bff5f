package cmd_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
)

// A line that is too long, and comes in pieces, leaves one length and hash, wherever invalid
// lines go; so does one whose end cannot be read.
func TestRedactedLongLine(t *testing.T) {
	t.Parallel()
	long := `{"event_type": "a", "x": "` + strings.Repeat("0123456789", 300_000)
	left := func(line string) string {
		return fmt.Sprintf(`{"invalid_line": {"bytes": %d, "sha256": "%x"}}`+"\n", len(line), sha256.Sum256([]byte(line)))
	}
	whole := long + `"}`
	for name, test := range map[string]struct {
		in     io.Reader
		status int
		want   string
	}{
		"whole":        {strings.NewReader(lineA + whole + "\n" + lineB), 3, lineA + left(whole) + lineB},
		"no line feed": {strings.NewReader(lineA + whole), 3, lineA + left(whole)},
		"two":          {strings.NewReader(whole + "\n" + long + "\n"), 3, left(whole) + left(long)},
		"cut off":      {io.MultiReader(strings.NewReader(long), iotest.ErrReader(errors.New("the wire is cut"))), 2, left(long)},
	} {
		t.Run(name, func(t *testing.T) {
			rejects := filepath.Join(t.TempDir(), "rejects")
			status, stdout, stderr := run(test.in, "tee", "--max-line=1KiB", "--redact", "y", "--rejects", rejects)
			if status != test.status || stdout != test.want {
				t.Errorf("status %d, %.300q, want %d, %q; %s", status, stdout, test.status, test.want, stderr)
			}
			want := strings.NewReplacer(lineA, "", lineB, "").Replace(test.want)
			if have := readFile(t, rejects); have != want {
				t.Errorf("rejected: %.300q, want %q", have, want)
			}
		})
	}
}
