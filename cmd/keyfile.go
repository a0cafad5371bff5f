package cmd

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"sync"

	"golang.org/x/mod/sumdb/note"

	"auditctl/pkg/osfile"
	"auditctl/pkg/seal"
)

// readGiven reads a whole file that an argument names: a key, a proof or
// checkpoints. It is a regular file, or something that is open already, such as
// the shell's <(command), so that nothing waits for a FIFO that nobody writes to.
func readGiven(path string) ([]byte, error) {
	open := osfile.OpenRegular
	if _, isOpen := osfile.DescriptorOf(path); isOpen {
		open = os.OpenFile
	}
	f, err := open(path, os.O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxGiven+1))
	if len(data) > maxGiven {
		err = fmt.Errorf("%s is too long for what it should be", path)
	}
	return data, err
}

// maxGiven is how long such a file may be: it has room for some million checkpoints.
const maxGiven = 1 << 30

// readKey reads a secret key that keygen made.
func readKey(path string) (*seal.Key, error) {
	secret, err := readGiven(path)
	if err != nil {
		return nil, err
	}
	key, err := seal.ParseKey(string(secret))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return key, nil
}

// verifierKey matches what has the form of a verifier key.
var verifierKey = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[^+\s]+\+[0-9a-fA-F]{8}\+[A-Za-z0-9+/=]+$`)
})

// readVerifier returns the verifier key that --vkey gives: itself, or the file
// that it is in.
func readVerifier(given string) (note.Verifier, error) {
	key := given
	if !verifierKey().MatchString(given) {
		data, err := readGiven(given)
		if err != nil {
			return nil, usagef("--vkey is neither NAME+ID+KEY, as keygen prints it, nor a file that has it: %w", err)
		}
		key = strings.TrimSpace(string(data))
		if _, err := seal.ParseKey(key); err == nil {
			return nil, usagef("--vkey: %s is a secret key: want the verifier key, which keygen -y prints", given)
		}
	}
	v, err := note.NewVerifier(key)
	if err != nil {
		return nil, usagef("--vkey: %w: want what keygen printed, or the file that it is in", err)
	}
	return v, nil
}
