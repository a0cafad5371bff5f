package cmd

import (
	"io"
	"os"

	"auditctl/cmd/internal/terminal"
)

// wantsColor reports whether output on w is coloured, according to --color.
func wantsColor(mode string, w io.Writer) (bool, error) {
	switch mode {
	case "auto":
		return terminal.Capable(w) && os.Getenv("NO_COLOR") == "", nil
	case "always", "never":
		return mode == "always", nil
	}
	return false, usagef("--color=%s: want auto, always or never", mode)
}
