package cmd

import (
	"github.com/spf13/cobra"
)

func newCompletionCmd(s Streams) *cobra.Command {
	return &cobra.Command{
		Use:   "completion bash|zsh|fish|powershell",
		Short: "Print the completion script of a shell",
		Long: `Print a script that makes the shell complete commands, flags, event types,
severities and keys, and for --tool-name and its like the values at the head of
the files on the command line.`,
		Example: example(`
# bash, with the bash-completion package
auditctl completion bash > ~/.local/share/bash-completion/completions/auditctl

# zsh: into a directory of $fpath, before compinit
auditctl completion zsh > ~/.zfunc/_auditctl

# fish
auditctl completion fish > ~/.config/fish/completions/auditctl.fish

# PowerShell, in the profile
auditctl completion powershell | Out-String | Invoke-Expression`),
		ValidArgs: []string{"bash", "zsh", "fish", "powershell"},
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("want one shell: bash, zsh, fish or powershell")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(s.Out, true)
			case "zsh":
				return root.GenZshCompletion(s.Out)
			case "fish":
				return root.GenFishCompletion(s.Out, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(s.Out)
			}
			return usagef("no shell %q: want bash, zsh, fish or powershell", args[0])
		},
	}
}
