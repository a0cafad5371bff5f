package cmd

import (
	"cmp"
	"runtime"
	"runtime/debug"
	"strings"
)

// name is what the program is called in its messages and completions. The
// Makefile sets it when auditctl is installed under another name.
var name = "auditctl"

// EnvVar returns the environment variable of the program that ends in _suffix, such as
// AUDITCTL_TURN_ID.
func EnvVar(suffix string) string { return envPrefix(name) + suffix }

// envPrefix returns what the environment variables of a program begin with: AUDITCTL_, or
// under another name AGENT_AUDIT_.
func envPrefix(program string) string {
	prefix := strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToUpper(program))
	if prefix[0] <= '9' {
		prefix = "_" + prefix // no shell could set it
	}
	return prefix + "_"
}

// release is the version of a binary that make release made.
var release string

// version returns the version that was released, else the module's, or the commit
// it was built from; and that of Go.
func version() string {
	v := cmp.Or(release, "unknown")
	if info, ok := debug.ReadBuildInfo(); ok && release == "" {
		v = info.Main.Version
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && v == "(devel)" {
				v = "devel-" + s.Value[:min(12, len(s.Value))]
			}
		}
	}
	return v + " " + runtime.Version()
}
