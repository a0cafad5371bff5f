package cmd

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"auditctl/cmd/internal/fanout"
	"auditctl/pkg/hook"
)

// runHookShow prints the settings of an agent that make it call a command line, and says
// where they go.
func runHookShow(s Streams, o *hookOptions, commandLine string, args []string) error {
	agents := hook.Agents()
	i := slices.IndexFunc(agents, func(a hook.Agent) bool { return a.Name == o.show })
	switch {
	case len(args) > 0:
		return usagef("--show: no record is wanted")
	case i < 0:
		return usagef("--show=%s: %w", brief(o.show), notOneOf(o.show, agentNames()...))
	}
	if _, err := o.newLanes(s, newHookTrouble()); err != nil {
		return err
	}
	settings, err := agents[i].Settings(commandLine)
	if err != nil {
		return err
	}
	s.reporter().Printf("%s", agents[i].Where)
	_, err = s.Out.Write(settings)
	return err
}

func agentNames() (names []string) {
	for _, a := range hook.Agents() {
		names = append(names, a.Name)
	}
	return names
}

// commandLine returns this command with its flags but --show, for a shell. It works in any
// directory.
func (o *hookOptions) commandLine(flags *pflag.FlagSet) string {
	line := shellQuoted(executable()) + " " + hookName
	flags.Visit(func(f *pflag.Flag) {
		values := []string{f.Value.String()}
		if all, ok := f.Value.(pflag.SliceValue); ok {
			values = all.GetSlice()
		}
		for _, value := range values {
			switch f.Name {
			case "show":
				return
			case "output", "errors", "seal", "spool", "redact-rules", "redact-key":
				value = absolute(value)
			case "route":
				types, dest, _ := strings.Cut(value, "=")
				value = types + "=" + absolute(dest)
			}
			if line += " --" + f.Name; f.Value.Type() != "bool" {
				line += "=" + shellQuoted(value)
			}
		}
	})
	return line
}

// executable returns the path of this program, as it was called if that is known: what a
// symbolic link in a PATH leads to may be moved by an update.
func executable() string {
	path, err := exec.LookPath(os.Args[0])
	if err == nil {
		path, err = filepath.Abs(path)
	}
	if err != nil {
		if path, err = os.Executable(); err != nil {
			return os.Args[0]
		}
	}
	return path
}

// absolute returns the absolute path of a file, and other destinations as they are.
func absolute(dest string) string {
	if path, err := filepath.Abs(dest); err == nil && fanout.IsFile(dest) {
		return path
	}
	return dest
}
