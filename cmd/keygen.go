package cmd

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"auditctl/pkg/osfile"
	"auditctl/pkg/seal"
)

func newKeygenCmd(s Streams, asked func(string) bool) *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "keygen -o KEYFILE NAME",
		Short: "Make a key to seal logs with",
		Long: `Make an Ed25519 key to seal logs with. The secret key goes to KEYFILE, a new
file with mode 0600; the verifier key, which is no secret, is printed.

NAME is what the key is called in every signature, and a log's origin unless seal
is told another one. By custom it is a URL without its scheme that belongs to you,
such as example.com/audit. It has no white space and no plus sign.

Keep KEYFILE from the machine's other users, and the verifier key away from the
machine: whoever holds the secret key can seal what was never logged. A key that
is lost cannot be made again: what it sealed stays verifiable, but its logs cannot
be sealed any further.`,
		Example: example(`
# A key, and the verifier key that others need
auditctl keygen example.com/audit -o audit.key > audit.vkey`),
		Args:              usageArgs(cobra.ExactArgs(1)),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(_ *cobra.Command, args []string) error {
			return runKeygen(s, args[0], output)
		},
	}
	if asked(cmd.Name()) {
		cmd.Flags().StringVarP(&output, "output", "o", "", "write the secret key to `KEYFILE`, a new file")
	}
	return cmd
}

func runKeygen(s Streams, keyName, path string) error {
	if path == "" {
		return usagef("where to put the secret key? Add -o KEYFILE")
	}
	secret, verifier, err := seal.GenerateKey(keyName)
	if err != nil {
		return usageError{err}
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already: a key is never written over", path)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(f, secret)
	err = cmp.Or(err, f.Sync(), f.Close())
	if err == nil {
		err = osfile.SyncDir(filepath.Dir(path))
	}
	if err == nil {
		if _, err = fmt.Fprintln(s.Out, verifier); err != nil {
			err = named("write", "stdout", err)
		}
	}
	if err != nil {
		os.Remove(path) // nobody has the verifier key
	}
	return err
}

// readKey reads a file that keygen made.
func readKey(path string) (*seal.Key, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	secret, err := io.ReadAll(io.LimitReader(f, 1<<16))
	if err != nil {
		return nil, err
	}
	key, err := seal.ParseKey(string(secret))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return key, nil
}
