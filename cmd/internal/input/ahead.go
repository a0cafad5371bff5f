package input

import "io"

// A readAhead reads a source in a goroutine of its own, so that another processor can read
// while what was read is decoded, which only one does.
type readAhead struct {
	read  chan chunk
	spare chan []byte
	ended chan struct{}

	current chunk
	rest    []byte // of current
}

// A chunk is what one Read returned.
type chunk struct {
	text []byte
	err  error
}

func newReadAhead(src io.Reader) *readAhead {
	const buffers, size = 2, 128 << 10
	r := &readAhead{read: make(chan chunk, buffers), spare: make(chan []byte, buffers), ended: make(chan struct{})}
	for range buffers {
		r.spare <- make([]byte, size)
	}
	go func() {
		defer close(r.ended)
		for buf := range r.spare {
			n, err := src.Read(buf)
			r.read <- chunk{buf[:n], err} // there is room for all
		}
	}()
	return r
}

func (r *readAhead) Read(p []byte) (int, error) {
	for len(r.rest) == 0 {
		if r.current.err != nil {
			return 0, r.current.err
		}
		if r.current.text != nil {
			r.spare <- r.current.text[:cap(r.current.text)]
		}
		r.current = <-r.read
		r.rest = r.current.text
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// Close ends reading. The source is no longer used after that.
func (r *readAhead) Close() {
	close(r.spare)
	<-r.ended
}
