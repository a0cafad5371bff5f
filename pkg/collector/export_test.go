package collector

// Tests inject faults into these.
type (
	Handle   = handle
	Disk     = disk
	RealDisk = realDisk
)

// WithDisk makes opts use another disk.
func WithDisk(opts JSONLOptions, d Disk) *JSONLOptions {
	opts.disk = d
	return &opts
}

// WithOpen makes opts open files with open.
func WithOpen(opts JSONLOptions, open func(path string, flag int) (Handle, error)) *JSONLOptions {
	return WithDisk(opts, openingDisk{open: open})
}

type openingDisk struct {
	realDisk
	open func(path string, flag int) (Handle, error)
}

func (d openingDisk) Open(path string, flag int) (Handle, error) { return d.open(path, flag) }
