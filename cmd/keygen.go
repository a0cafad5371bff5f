package cmd

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"auditctl/cmd/internal/report"
	"auditctl/cmd/internal/terminal"
	"auditctl/pkg/seal"
)

func newKeygenCmd(s Streams, asked arguments) *cobra.Command {
	var output, shown string
	cmd := &cobra.Command{
		Use:        "keygen (-o KEYFILE NAME | -y KEYFILE)",
		SuggestFor: []string{"genkey", "key", "keys"},
		Short:      "Generate a key for sealing logs",
		Long: `Generate an Ed25519 key for sealing logs. The secret key is written to KEYFILE,
with mode 0600; the verifier key, which is not secret, is written to KEYFILE.pub
and printed. If one of the files already exists, no key is generated.

With -y, print the verifier key of an existing KEYFILE.

NAME identifies the key in every signature, and is the origin of a log unless
seal is given another one. By convention it is a URL that belongs to you,
without its scheme, such as example.com/audit. It has no white space and no plus
sign.

Protect KEYFILE from other users of the machine, and keep a copy of the verifier
key on another machine: whoever has the secret key can seal what was never
logged. A lost key cannot be recovered: what it sealed can still be verified,
but its logs cannot be sealed any further.`,
		Example: `
# A secret key in audit.key, and in audit.key.pub the verifier key for others
auditctl keygen example.com/audit -o audit.key

# Print the verifier key again
auditctl keygen -y audit.key`,
		Args: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("print") {
				return wantArgs(0, 0, "")(cmd, args)
			}
			return wantArgs(1, 1, "NAME")(cmd, args)
		},
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return runShowKey(s, shown, output)
			}
			return runKeygen(s, args[0], output)
		},
	}
	if asked.name(cmd.Name()) {
		cmd.Flags().StringVarP(&output, "output", "o", "", "write the secret key to `KEYFILE` and the verifier key to KEYFILE.pub")
		cmd.Flags().StringVarP(&shown, "print", "y", "", "print the verifier key of the secret key in `KEYFILE`")
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
	err = seal.WriteKeyFiles(path, secret, verifier)
	if taken := (*fs.PathError)(nil); errors.Is(err, fs.ErrExist) && errors.As(err, &taken) {
		err = fmt.Errorf("%s is there already: a key is never written over; keygen -y KEYFILE prints its verifier key", taken.Path)
	}
	if err != nil {
		return err
	}
	if err := printKey(s, verifier); err != nil {
		os.Remove(path) // a key that could not be printed is not kept
		os.Remove(path + seal.VerifierSuffix)
		return err
	}
	return nil
}

func printKey(s Streams, verifier string) error {
	if _, err := fmt.Fprintln(terminal.Guard(s.Out), verifier); err != nil {
		return report.Named("write", "stdout", err)
	}
	return nil
}

// runShowKey prints the verifier key of a secret key.
func runShowKey(s Streams, path, output string) error {
	if output != "" {
		return usagef("-y makes no key: drop -o %s", output)
	}
	key, err := seal.ReadKeyFile(path)
	if err != nil {
		return err
	}
	return printKey(s, key.VerifierKey())
}
