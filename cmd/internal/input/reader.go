package input

import "io"

// OfReader returns an input that is read from r instead of a file.
func OfReader(name string, r io.Reader) *Input {
	return &Input{path: "-", name: name, stdin: r}
}
