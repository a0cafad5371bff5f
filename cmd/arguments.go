package cmd

import "slices"

// The arguments of a run say what of the tree of commands is built: to build all of it
// takes most of the time of a start. Nil asks for everything.
type arguments []string

// name reports whether a word is among them, so that what has this name is asked for.
func (a arguments) name(word string) bool { return a == nil || slices.Contains(a, word) }

// begin reports whether they begin so, and nothing else is asked for.
func (a arguments) begin(words ...string) bool {
	return len(a) >= len(words) && slices.Equal(a[:len(words)], words)
}
