package seal

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"
)

// A Key signs checkpoints. It is an Ed25519 key in the encoding of
// c2sp.org/signed-note.
type Key struct {
	signer   note.Signer
	verifier note.Verifier
	public   string // the verifier in its encoding
}

// GenerateKey makes a key with a name, which must not be empty nor have white
// space or a plus sign: by custom it is a URL without its scheme, such as
// example.com/audit. It returns the key for whoever seals, to be kept secret, and
// the one for whoever verifies. [ParseKey] reads the one, [note.NewVerifier] the
// other.
func GenerateKey(name string) (secret, verifier string, err error) {
	secret, verifier, err = note.GenerateKey(rand.Reader, name)
	if err != nil {
		return "", "", err
	}
	if _, err := note.NewVerifier(verifier); err != nil || strings.ContainsFunc(name, func(c rune) bool { return !unicode.IsGraphic(c) }) {
		return "", "", fmt.Errorf("%q cannot be the name of a key: want no white space, plus signs, control characters or characters that do not show", name)
	}
	return secret, verifier, nil
}

// printable reports whether a text may stand in a signed note.
func printable(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl)
}

// ParseKey reads a secret key that [GenerateKey] made.
func ParseKey(secret string) (*Key, error) {
	secret = strings.TrimSpace(secret)
	signer, err := note.NewSigner(secret)
	if err != nil {
		return nil, fmt.Errorf("not a key for sealing: %w", err)
	}
	// NewSigner has checked that there are five fields, and what the last is.
	seed, _ := base64.StdEncoding.DecodeString(strings.SplitN(secret, "+", 5)[4])
	public := ed25519.NewKeyFromSeed(seed[1:]).Public().(ed25519.PublicKey)
	k := &Key{signer: signer}
	if k.public, err = note.NewEd25519VerifierKey(signer.Name(), public); err == nil {
		k.verifier, err = note.NewVerifier(k.public)
	}
	return k, err
}

// Name returns the key's name.
func (k *Key) Name() string { return k.signer.Name() }

// VerifierKey returns the key for whoever verifies, as [GenerateKey] did.
func (k *Key) VerifierKey() string { return k.public }

// sign returns text as a signed note.
func (k *Key) sign(text string) ([]byte, error) {
	return note.Sign(&note.Note{Text: text}, k.signer)
}
