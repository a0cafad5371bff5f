package input

import "io"

// Sequence reads inputs one after the other.
func Sequence(inputs []*Input, opts *Options) Source {
	beginLast(inputs, opts, false)
	return &sequence{inputs: inputs, options: opts}
}

type sequence struct {
	options *Options
	inputs  []*Input       // the current one and those after it
	reader  blockReader    // of the current input, nil before it is opened
	indexed *indexedReader // reads it instead; nil: it has no index
	closer  io.Closer
}

func (r *sequence) Next(b *Block) bool {
	if len(r.inputs) == 0 {
		return false
	}
	b.reset(r.inputs[0])
	err := r.open()
	switch {
	case err != nil:
	case r.indexed != nil:
		err = r.indexed.next(b)
	default:
		err = r.reader.ReadBlock(&b.Block)
	}
	if err != nil {
		if err != io.EOF {
			b.Err = err
		}
		b.Last = true
		r.Close()
		r.inputs = r.inputs[1:]
	}
	return true
}

// open opens the current input unless it is open.
func (r *sequence) open() error {
	if r.reader != nil {
		return nil
	}
	in := r.inputs[0]
	src, err := in.open(r.options)
	if err != nil {
		return err
	}
	r.reader, r.closer = in.reader(src, r.options), src
	start := int64(0)
	if in.last != nil {
		if r.reader, err = in.last.reader(in, src); err != nil {
			return err
		}
		start = in.last.at
	}
	r.indexed = in.indexed(src, start, r.options)
	return nil
}

// Close closes the current input if it is open.
func (r *sequence) Close() {
	if r.reader != nil {
		r.closer.Close() // nothing was written to it
		if r.indexed != nil {
			r.indexed.index.Close()
		}
		r.reader, r.indexed = nil, nil
	}
}
