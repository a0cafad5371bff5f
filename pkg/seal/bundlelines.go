package seal

import (
	"bufio"
	"bytes"
	"io"
)

// line reads the next line of the text, or of a long one the first piece. It is errCut at the
// end of the text, or if there is no line feed.
func (r *bundleReader) line() error {
	r.at++
	return r.more()
}

// more reads the next piece of a line.
func (r *bundleReader) more() (err error) {
	r.piece, err = r.in.ReadSlice('\n')
	r.ended = err == nil
	switch {
	case r.ended:
		r.piece = r.piece[:len(r.piece)-1]
		return nil
	case err == bufio.ErrBufferFull:
		return nil
	case err == io.EOF:
		return errCut
	}
	return err
}

// word reads a line that is not of the log.
func (r *bundleReader) word() (string, error) {
	if err := r.line(); err != nil {
		return "", err
	}
	return r.current()
}

// current returns the line that was read, which must be one of a BundleWriter.
func (r *bundleReader) current() (string, error) {
	switch {
	case !r.ended:
		return "", r.malformed("the line is too long")
	case bytes.HasSuffix(r.piece, []byte{'\r'}):
		return "", r.converted()
	}
	return string(r.piece), nil
}

func (r *bundleReader) converted() error {
	return r.malformed("its line endings were changed on the way: pass it on as it is, best compressed")
}

// cut returns the error for a text that ends before the lines of the log.
func (r *bundleReader) cut(err error) error {
	if err == errCut {
		return &ChangedError{Short: true, Reason: "it ends before the first line of the log"}
	}
	return err
}

// note reads a signed note of at most most bytes, whose first line was read, and the blank
// line after it.
func (r *bundleReader) note(most int) (signed []byte, err error) {
	line, err := r.current()
	for signatures := false; err == nil; line, err = r.word() {
		switch {
		case line == "" && signatures:
			return signed, nil
		case len(signed)+len(line) >= most:
			return nil, r.malformed("the signed note is too long")
		}
		signatures = signatures || line == ""
		signed = append(append(signed, line...), '\n')
	}
	return nil, err
}
