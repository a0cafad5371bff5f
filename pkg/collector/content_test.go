package collector_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"auditctl/pkg/collector"
	"auditctl/pkg/internal/logtest"
)

// compressed returns text compressed as other programs do it.
func compressed(t testing.TB, suffix, text string) string {
	t.Helper()
	var out bytes.Buffer
	var w io.WriteCloser
	switch suffix {
	case "":
		return text
	case ".gz":
		w = gzip.NewWriter(&out)
	case ".zst":
		var err error
		if w, err = zstd.NewWriter(&out); err != nil {
			t.Fatal(err)
		}
	}
	io.WriteString(w, text)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// Lines are appended in the format of the content, whatever the name of the file.
func TestJSONLGoesByContent(t *testing.T) {
	for _, name := range []string{"a", "a.gz", "a.zst"} {
		for _, content := range []string{"", ".gz", ".zst"} {
			t.Run(name+" of "+content, func(t *testing.T) {
				path := filepath.Join(t.TempDir(), name)
				before := compressed(t, content, " \n{\"x\": \""+strings.Repeat("x", 200)+"\"}\n")
				if err := os.WriteFile(path, []byte(before), 0o600); err != nil {
					t.Fatal(err)
				}
				want := readDecompressed(t, path)
				for _, opts := range []*collector.JSONLOptions{nil, {Logger: logtest.New(func(text string) { t.Error(text) })}} {
					j := open(t, path, opts)
					emitLines(t, j, "{}\n")
					flush(t, j)
					emitLines(t, j, "{ }\n")
					if err := j.Close(); err != nil {
						t.Fatal(err)
					}
					want += "{}\n{ }\n"
				}
				if got := readDecompressed(t, path); got != want {
					t.Errorf("it holds %q, want %q", got, want)
				}
				if !strings.HasPrefix(readFile(t, path), before) {
					t.Error("the content before was changed")
				}
			})
		}
	}
}

// The format is detected again if others truncate or replace the content.
func TestJSONLContentChanges(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	j := open(t, path, nil)
	long := "{\"x\": \"" + strings.Repeat("x", 1000) + "\"}\n"
	for _, content := range []string{"", ".gz", ".zst", "", ".gz"} {
		emitLines(t, j, long)
		flush(t, j)
		if err := os.WriteFile(path, []byte(compressed(t, content, "{}\n")), 0); err != nil {
			t.Fatal(err)
		}
		emitLines(t, j, "{ }\n")
		flush(t, j)
		if got := readDecompressed(t, path); got != "{}\n{ }\n" {
			t.Errorf("%q: it holds %q", content, got)
		}
		if err := os.Truncate(path, 0); err != nil {
			t.Fatal(err)
		}
		emitLines(t, j, "{}\n")
		flush(t, j)
		if got := readFile(t, path); got != "{}\n" {
			t.Errorf("truncated: it holds %q", got)
		}
	}
}

// A file with incomplete compressed content is set aside under a free name.
func TestJSONLTornContent(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	torn := compressed(t, ".gz", "{}\n")
	torn = torn[:len(torn)-4]
	if err := os.WriteFile(path, []byte(torn), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("nowhere", path+".torn"); err != nil {
		t.Skip(err)
	}
	j := open(t, path, nil)
	emitLines(t, j, "{ }\n")
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if got, want := names(t, dir), []string{"a", "a.torn", "a.torn.1"}; !slices.Equal(got, want) {
		t.Errorf("there are %q, want %q", got, want)
	}
	if got := readFile(t, path); got != "{ }\n" {
		t.Errorf("it holds %q", got)
	}
	if got := readFile(t, path+".torn.1"); got != torn {
		t.Errorf("the file set aside holds %q", got)
	}
}

// A rotated file that is compressed already only gets the suffix.
func TestRotateCompressedContent(t *testing.T) {
	for _, content := range []string{".gz", ".zst"} {
		dir := t.TempDir()
		path := filepath.Join(dir, "a")
		before := compressed(t, content, "{}\n")
		if err := os.WriteFile(path, []byte(before), 0o600); err != nil {
			t.Fatal(err)
		}
		j := open(t, path, &collector.JSONLOptions{Rotate: collector.Rotation{Size: 3, Compress: ".gz"}})
		emitLines(t, j, "{ }\n")
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		if got, want := names(t, dir), []string{"a", "a.1" + content}; !slices.Equal(got, want) {
			t.Errorf("there are %q, want %q", got, want)
		}
		if got := readFile(t, path+".1"+content); got != before {
			t.Errorf("%s: the old file holds %q", content, got)
		}
	}
}
