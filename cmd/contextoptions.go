package cmd

import (
	"github.com/spf13/cobra"

	"auditctl/cmd/internal/flow"
)

// contextOptions are the flags for the events around matching ones.
type contextOptions struct {
	before, after, around int64
	all                   bool
}

func (o *contextOptions) register(cmd *cobra.Command) {
	defer groupFlags(cmd, flagsForContext)
	*o = contextOptions{before: -1, after: -1, around: -1}
	fs := cmd.Flags()
	fs.VarP((*countValue)(&o.after), "after-context", "A", "add the `N` events of the same session after each match")
	fs.VarP((*countValue)(&o.before), "before-context", "B", "add the `N` events of the same session before each match")
	fs.VarP((*countValue)(&o.around), "context", "C", "add the `N` events of the same session before and after each match")
	fs.BoolVar(&o.all, "context-all", false, "take context from the whole file, not only from the same session; with --sort from all files")
}

// wanted reports whether context was asked for.
func (o *contextOptions) wanted() bool { return o.before > 0 || o.after > 0 || o.around > 0 }

// context returns the Context of at most limit matching events, nil if none was asked
// for.
func (o *contextOptions) context(limit int64, separator string) (*flow.Context, error) {
	before, after := max(o.around, 0), max(o.around, 0)
	if o.before >= 0 {
		before = o.before
	}
	if o.after >= 0 {
		after = o.after
	}
	if before == 0 && after == 0 {
		if o.all && o.before < 0 && o.after < 0 && o.around < 0 {
			return nil, usagef("--context-all counts other events as context: add -A, -B or -C")
		}
		return nil, nil
	}
	return &flow.Context{Before: before, After: after, All: o.all, Limit: limit, Separator: separator}, nil
}
