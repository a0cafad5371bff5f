package collector

import "io/fs"

// A Handle is what tests put faults in the way of.
type Handle = handle

// WithOpen makes opts open files with open.
func WithOpen(opts JSONLOptions, open func(path string, flag int, perm fs.FileMode) (Handle, error)) *JSONLOptions {
	opts.open = open
	return &opts
}
