package cmd

import (
	"embed"
	"strings"
	"unicode"

	"auditctl/cmd/internal/report"

	"github.com/spf13/cobra"
)

// completionScripts are written for the name auditctl. Those of cobra evaluate the
// command line in all four shells, and so run commands in file names and log values.
//
//go:embed completion
var completionScripts embed.FS

// completionFiles has the script of each shell.
var completionFiles = map[string]string{
	"bash":       "completion/auditctl.bash",
	"zsh":        "completion/auditctl.zsh",
	"fish":       "completion/auditctl.fish",
	"powershell": "completion/auditctl.ps1",
}

func newCompletionCmd(s Streams, _ arguments) *cobra.Command {
	return &cobra.Command{
		Use:   "completion bash|zsh|fish|powershell",
		Short: "Print a shell completion script",
		Long: `Print a script that makes the shell complete commands, flags, event types,
severities and keys, and for --tool-name and the like the values at the
beginning of the files on the command line.

Only what needs no quotes in any shell is offered: values and keys with spaces,
quotes or other special characters are left out. Nothing on the command line is
expanded or run to complete it, except ~/ and $VARIABLE in file names.`,
		Example: `
# bash
auditctl completion bash > ~/.local/share/bash-completion/completions/auditctl

# zsh: into a directory of $fpath, before compinit
auditctl completion zsh > ~/.zfunc/_auditctl

# fish
auditctl completion fish > ~/.config/fish/completions/auditctl.fish

# PowerShell, in the profile
auditctl completion powershell | Out-String | Invoke-Expression`,
		ValidArgs: []string{"bash", "zsh", "fish", "powershell"},
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("want one shell: bash, zsh, fish or powershell")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			file, ok := completionFiles[args[0]]
			if !ok {
				return usagef("no shell %q: %w", args[0], notOneOf(args[0], "bash", "zsh", "fish", "powershell"))
			}
			script, err := completionScripts.ReadFile(file)
			if err != nil {
				return err
			}
			if _, err := s.Out.Write([]byte(underName(string(script), name))); err != nil {
				return report.Named("write", "stdout", err)
			}
			return nil
		},
	}
}

// underName adapts a script or a text for auditctl to another name of the program.
func underName(text, name string) string {
	if name == "auditctl" {
		return text
	}
	identifier := strings.Map(func(r rune) rune {
		if r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return r
		}
		return '_'
	}, name)
	return strings.NewReplacer("__auditctl", "__"+identifier, "AUDITCTL_", envPrefix(name), "auditctl", name).Replace(text)
}
