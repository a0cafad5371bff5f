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

// GenerateKey generates a key pair. Its name must not be empty or contain white space, plus
// signs or invisible characters; by convention it is a URL without the scheme, such as
// example.com/audit. It returns the secret key, for sealing, which [ParseKey] parses, and
// the public verifier key, which [note.NewVerifier] parses.
func GenerateKey(name string) (secret, verifier string, err error) {
	secret, verifier, err = note.GenerateKey(rand.Reader, name)
	if err != nil {
		return "", "", err
	}
	if _, err := note.NewVerifier(verifier); err != nil || strings.ContainsFunc(name, func(c rune) bool { return !unicode.IsGraphic(c) }) {
		return "", "", fmt.Errorf("%q cannot be the name of a key: white space, plus signs, control characters and invisible characters are not allowed", name)
	}
	return secret, verifier, nil
}

// printable reports whether a text may be part of a signed note.
func printable(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl)
}

// ParseKey parses a secret key from [GenerateKey]. White space around it is ignored.
func ParseKey(secret string) (*Key, error) {
	secret = strings.TrimSpace(secret)
	signer, err := note.NewSigner(secret)
	if err != nil {
		return nil, fmt.Errorf("not a key for sealing: %w", err)
	}
	// NewSigner has checked that there are five fields, and the last one.
	seed, _ := base64.StdEncoding.DecodeString(strings.SplitN(secret, "+", 5)[4])
	public := ed25519.NewKeyFromSeed(seed[1:]).Public().(ed25519.PublicKey)
	k := &Key{signer: signer}
	if k.public, err = note.NewEd25519VerifierKey(signer.Name(), public); err == nil {
		k.verifier, err = note.NewVerifier(k.public)
	}
	return k, err
}

// Name returns the name of the key.
func (k *Key) Name() string { return k.signer.Name() }

// VerifierKey returns the verifier key, as [GenerateKey] did.
func (k *Key) VerifierKey() string { return k.public }

// sign returns text as a signed note.
func (k *Key) sign(text string) ([]byte, error) {
	return note.Sign(&note.Note{Text: text}, k.signer)
}
