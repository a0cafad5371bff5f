package dialect

import (
	"slices"
	"strings"

	"auditctl/pkg/events"
)

// dialects are those of this package that are no tables, in the order in which a record
// is offered to them: gemini before claudeCode, since Qwen Code's have all that Claude
// Code's are known by.
var dialects = []*Dialect{gemini, claudeCode, codex, copilotCLI, otlp, hooks}

// All returns the dialects of this package, in the order of their names.
func All() []*Dialect {
	all := slices.Collect(inOrder)
	slices.SortFunc(all, func(a, b *Dialect) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// inOrder yields the dialects in the order in which a record is offered to them.
func inOrder(yield func(*Dialect) bool) {
	for _, d := range dialects {
		if !yield(d) {
			return
		}
	}
	for _, d := range tables() {
		if !yield(d) {
			return
		}
	}
}

// Named returns the dialect with a name, nil if there is none.
func Named(name string) *Dialect {
	for d := range inOrder {
		if d.Name == name {
			return d
		}
	}
	return nil
}

// Of returns the dialect that the record which s scanned is certainly of, nil if there is
// none.
func Of(s *events.Scanner) *Dialect {
	for d := range inOrder {
		if d.Knows != nil && d.Knows(s) {
			return d
		}
	}
	return nil
}
