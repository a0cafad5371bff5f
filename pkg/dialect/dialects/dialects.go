// Package dialects has the dialects that auditctl knows: transcripts of coding agents,
// OpenTelemetry's exports, what agents hand to hooks, and the tables of package table.
package dialects

import (
	"slices"
	"strings"

	"auditctl/pkg/dialect"
	"auditctl/pkg/dialect/internal/claudecode"
	"auditctl/pkg/dialect/internal/codex"
	"auditctl/pkg/dialect/internal/copilotcli"
	"auditctl/pkg/dialect/internal/gemini"
	"auditctl/pkg/dialect/internal/hooks"
	"auditctl/pkg/dialect/internal/otlp"
	"auditctl/pkg/dialect/table"
	"auditctl/pkg/events"
)

// dialects are those that are no tables, in the order in which a record
// is offered to them: gemini before claudecode, since Qwen Code's have all that Claude
// Code's are known by.
var dialects = []*dialect.Dialect{gemini.Dialect, claudecode.Dialect, codex.Dialect, copilotcli.Dialect, otlp.Dialect, hooks.Dialect}

// All returns the dialects in the order of their names.
func All() []*dialect.Dialect {
	all := slices.Collect(inOrder)
	slices.SortFunc(all, func(a, b *dialect.Dialect) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// inOrder yields the dialects in the order in which a record is offered to them.
func inOrder(yield func(*dialect.Dialect) bool) {
	for _, d := range dialects {
		if !yield(d) {
			return
		}
	}
	for _, d := range table.Dialects() {
		if !yield(d) {
			return
		}
	}
}

// Named returns the dialect with a name, nil if there is none.
func Named(name string) *dialect.Dialect {
	for d := range inOrder {
		if d.Name == name {
			return d
		}
	}
	return nil
}

// Of returns the dialect that the record which s scanned is certainly of, nil if there is
// none.
func Of(s *events.Scanner) *dialect.Dialect {
	for d := range inOrder {
		if d.Knows != nil && d.Knows(s) {
			return d
		}
	}
	return nil
}
