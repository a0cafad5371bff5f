package cmd

import (
	"cmp"
	"runtime"
	"runtime/debug"
)

// name is what the program is called in its messages and completions. The
// Makefile sets it when auditctl is installed under another name.
var name = "auditctl"

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
