package seal

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"auditctl/pkg/internal/osfile"
)

// VerifierSuffix is added to the name of a secret key file for that of the verifier key.
const VerifierSuffix = ".pub"

// WriteKeyFiles writes a secret key to a new file with mode 0600, and its verifier key to
// another one, path with [VerifierSuffix]. When it returns, both are synced, or after an
// error neither exists. The error is an [io/fs.ErrExist] with the path if one exists.
func WriteKeyFiles(path, secret, verifier string) (err error) {
	var made []*os.File
	defer func() {
		for _, f := range made {
			f.Close()
			if err != nil {
				os.Remove(f.Name())
			}
		}
	}()
	for _, name := range []string{path, path + VerifierSuffix} {
		f, err := osfile.CreateNew(name)
		if err != nil {
			return err
		}
		made = append(made, f)
	}
	return cmp.Or(writeKey(made[0], secret), writeKey(made[1], verifier), osfile.SyncDir(filepath.Dir(path)))
}

func writeKey(f *os.File, key string) error {
	if _, err := fmt.Fprintln(f, key); err != nil {
		return err
	}
	return f.Sync()
}

// ReadKeyFile reads a secret key from a file.
func ReadKeyFile(path string) (*Key, error) {
	secret, err := ReadFile(path)
	if err != nil {
		return nil, err
	}
	key, err := ParseKey(string(secret))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return key, nil
}

// ReadFile reads a file with a key, a proof or checkpoints, of 1 GiB at most. The path must
// be that of a regular file, or of an open descriptor such as the shell's <(command), so
// that it never waits for a FIFO without a writer.
func ReadFile(path string) ([]byte, error) {
	open := osfile.OpenRegular
	if _, isOpen := osfile.DescriptorOf(path); isOpen {
		open = os.OpenFile
	}
	f, err := open(path, os.O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if len(data) > maxFile {
		err = fmt.Errorf("%s is too large", path)
	}
	return data, err
}

// maxFile is how large such a file may be: enough for millions of checkpoints.
const maxFile = 1 << 30
