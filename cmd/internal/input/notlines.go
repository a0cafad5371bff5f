package input

import (
	"io"
	"os"

	"auditctl/pkg/dialect"
)

// NotLines returns what the file of the input has instead of lines that are read as they are,
// as far as its beginning tells: empty if it has such lines, or none at all.
func (in *Input) NotLines() (what string, err error) {
	f, err := os.Open(in.path)
	if err != nil {
		return "", err
	}
	d := &decompressor{src: f, origin: f, file: f, from: &From{Quiet: true}}
	defer d.Close()
	d.accept = func(is *Format) bool {
		what = is.name
		return true
	}
	err = d.begin()
	if err == io.EOF {
		err = nil
	}
	switch is := d.layout.dialect; {
	case d.isCompressed():
		what = "compressed"
	case is != nil:
		what = is.Title
	case what == "" && d.layout.form == dialect.Document:
		what = "JSON that is not in lines"
		if is := DocumentAt(in.path); is != nil {
			what = is.name
		}
	}
	return what, err
}

// IsNamed reports whether the input was named itself, and not found below a directory.
func (in *Input) IsNamed() bool { return in.real == "" }

// AddBytesRead counts bytes that were read of the file by somebody else.
func (in *Input) AddBytesRead(n int64) { in.read.Add(n) }
