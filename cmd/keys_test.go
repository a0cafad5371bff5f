package cmd_test

import (
	"path/filepath"
	"strings"
	"testing"
)

// A file that is too large for keys is not read to its end, which /dev/zero has not.
func TestLargeKeys(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "large.keys")
	writeFile(t, path, strings.Repeat("# a comment\n", 100_000))
	status, stdout, stderr := run(strings.NewReader(lineA), "filter", "--keys", path)
	want := "auditctl: --keys " + path + ": larger than 1MiB: it is no file of keys\n"
	if status != 2 || stdout != "" || stderr != want {
		t.Errorf("status %d, %q, %q; want 2, nothing, %q", status, stdout, stderr, want)
	}
}
