package sequence

import "os"

type File = file

// WithFile makes a Counter use what wrap returns for its file.
func (o CounterOptions) WithFile(wrap func(*os.File) File) CounterOptions {
	o.wrap = wrap
	return o
}
