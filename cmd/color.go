package cmd

import (
	"io"
	"os"

	"auditctl/cmd/internal/terminal"
)

const colorHelp = `Output is coloured on a terminal, unless TERM is dumb. NO_COLOR turns colour off;
without it, CLICOLOR_FORCE and FORCE_COLOR turn it on everywhere, and CLICOLOR=0
and FORCE_COLOR=0 turn it off. A variable that is empty does not count, and
neither does CLICOLOR_FORCE=0. --color=always and --color=never override them
all.`

// wantsColor reports whether output on w is coloured, according to --color, or else to
// variables that many programs heed: NO_COLOR (no-color.org), CLICOLOR_FORCE and CLICOLOR
// (bixense.com/clicolors), and FORCE_COLOR, which is 0 where Node.js is not to colour.
func wantsColor(mode string, w io.Writer) (bool, error) {
	switch mode {
	case "auto":
	case "always", "never":
		return mode == "always", nil
	default:
		return false, usagef("--color=%s: %w", mode, notOneOf(mode, "auto", "always", "never"))
	}
	on := func(name string) bool { return os.Getenv(name) != "" && os.Getenv(name) != "0" }
	off := func(name string) bool { return os.Getenv(name) == "0" }
	switch {
	case os.Getenv("NO_COLOR") != "":
		return false, nil
	case on("CLICOLOR_FORCE"), on("FORCE_COLOR"):
		return true, nil
	case off("CLICOLOR"), off("FORCE_COLOR"):
		return false, nil
	}
	return terminal.Capable(w), nil
}
