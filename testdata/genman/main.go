// Genman writes the man pages of auditctl, one for each command, to a directory. They say
// what the help texts say; auditctl(1) also has what applies to all commands.
//
//	go run ./testdata/genman docs/man
package main

import (
	"log"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"auditctl/cmd"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: genman DIRECTORY")
	}
	if err := os.MkdirAll(os.Args[1], 0o755); err != nil {
		log.Fatal(err)
	}
	if err := writePages(cmd.Tree(), os.Args[1]); err != nil {
		log.Fatal(err)
	}
}

// writePages writes the page of a command, and those of its subcommands.
func writePages(c *cobra.Command, dir string) error {
	if err := os.WriteFile(filepath.Join(dir, pageName(c)+".1"), page(c), 0o644); err != nil {
		return err
	}
	for _, sub := range c.Commands() {
		if err := writePages(sub, dir); err != nil {
			return err
		}
	}
	return nil
}
