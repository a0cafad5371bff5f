package seal_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"auditctl/pkg/seal"
)

// A key that was written can be read, but by nobody else.
func TestKeyFiles(t *testing.T) {
	secret, verifier, err := seal.GenerateKey("example.com/audit")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "key")
	if err := seal.WriteKeyFiles(path, secret, verifier); err != nil {
		t.Fatal(err)
	}
	if key, err := seal.ReadKeyFile(path); err != nil || key.VerifierKey() != verifier {
		t.Errorf("%v", err)
	}
	if public, err := seal.ReadFile(path + seal.VerifierSuffix); err != nil || string(public) != verifier+"\n" {
		t.Errorf("%q, %v", public, err)
	}
	if st, err := os.Stat(path); err != nil || st.Mode() != 0o600 && runtime.GOOS != "windows" {
		t.Errorf("mode %v, %v", st.Mode(), err)
	}
}

// If either name is taken, nothing is written.
func TestKeyFilesTaken(t *testing.T) {
	for _, suffix := range []string{"", seal.VerifierSuffix} {
		path := filepath.Join(t.TempDir(), "key")
		write(t, path+suffix, "kept")
		err := seal.WriteKeyFiles(path, "secret", "verifier")
		if taken := (*fs.PathError)(nil); !errors.Is(err, fs.ErrExist) || !errors.As(err, &taken) || taken.Path != path+suffix {
			t.Errorf("%q: %v", suffix, err)
		}
		entries, err := os.ReadDir(filepath.Dir(path))
		if err != nil || len(entries) != 1 || read(t, path+suffix) != "kept" {
			t.Errorf("%q: there are %v, %v", suffix, entries, err)
		}
	}
}
