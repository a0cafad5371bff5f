package cmd

import (
	"regexp"
	"strings"
	"sync"

	"golang.org/x/mod/sumdb/note"

	"auditctl/pkg/seal"
)

// verifierKey matches the form of a verifier key.
var verifierKey = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[^+\s]+\+[0-9a-fA-F]{8}\+[A-Za-z0-9+/=]+$`)
})

// readVerifier returns the verifier key of --vkey, which is the key itself or the file
// that has it.
func readVerifier(given string) (note.Verifier, error) {
	key := given
	if !verifierKey().MatchString(given) {
		data, err := seal.ReadFile(given)
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
