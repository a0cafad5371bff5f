// Auditctl reads, selects, fans out, makes and shows audit logs of AI agents.
package main

import (
	"os"
	_ "time/tzdata" // for machines that have no time zones

	"auditctl/cmd"
)

func main() { os.Exit(cmd.Main(os.Args[1:])) }
