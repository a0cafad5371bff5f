package seal

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"auditctl/pkg/internal/osfile"
)

// VerifierSuffix is what the file with the key for whoever verifies has after the name
// of the one with the secret key.
const VerifierSuffix = ".pub"

// WriteKeyFiles writes a secret key, as [GenerateKey] returns it, to a new file of
// mode 0600, and the key for whoever verifies to another one, path with
// [VerifierSuffix]. Both are on the disk then, or neither is there. A name that is
// taken is an [io/fs.ErrExist], with that name.
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

// ReadKeyFile reads a secret key that [WriteKeyFiles] wrote.
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

// ReadFile reads a whole file that a person named: one with a key, a proof or
// checkpoints. It is a regular file, or something that is open already, such as the
// shell's <(command), so that nothing waits for a FIFO that nobody writes to.
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
		err = fmt.Errorf("%s is too long for what it should be", path)
	}
	return data, err
}

// maxFile is how long such a file may be: it has room for some million checkpoints.
const maxFile = 1 << 30
