package input

import (
	"io"
	"slices"
	"sync/atomic"

	"auditctl/pkg/dialect"
	"auditctl/pkg/dialect/dialects"
)

// From says which dialect inputs are decoded from. It is for one run.
type From struct {
	Dialect *dialect.Dialect // nil: the one that each input is recognized to be in, if any
	Quiet   bool             // do not say what was recognized

	strays atomic.Int64 // how many files were left out since they are no logs

	newDecoder map[*dialect.Dialect]func() dialect.Decoder
	said       map[*dialect.Dialect]bool
}

// decoder returns a Decoder for another input of the run, nil if d is nil.
func (f *From) decoder(d *dialect.Dialect) dialect.Decoder {
	if d == nil {
		return nil
	}
	if f.newDecoder[d] == nil {
		if f.newDecoder == nil {
			f.newDecoder = map[*dialect.Dialect]func() dialect.Decoder{}
		}
		f.newDecoder[d] = d.Begin()
	}
	return f.newDecoder[d]()
}

// renewed returns a Decoder as that of a new run.
func (f *From) renewed(d *dialect.Dialect) dialect.Decoder {
	delete(f.newDecoder, d)
	return f.decoder(d)
}

// say notes that an input is decoded from a dialect, if d is not nil, and says the first
// time that it was recognized.
func (f *From) say(in *Input, opts *Options, d *dialect.Dialect) {
	in.dialect = d
	if f.Dialect != nil || f.Quiet || d == nil || f.said[d] {
		return
	}
	if f.said == nil {
		f.said = map[*dialect.Dialect]bool{}
	}
	f.said[d] = true
	opts.Reports.Printf("%s: %s, read as events; --from=none reads it as it is", in.name, d.Title)
}

// A layout is what the records of an input look like.
type layout struct {
	dialect *dialect.Dialect // nil: they are events
	form    dialect.Form
	open    bool // the dialect is not known yet
	stray   bool // the input has ended, and nothing in it is an event or of a dialect
}

// isEvents reports whether lines are read as they are.
func (l layout) isEvents() bool {
	return l.dialect == nil && l.form == dialect.Lines && !l.open
}

// canBeStray reports whether the input is one of those files below a directory that often
// have something else than a log: JSON that was not asked for by its name.
func (in *Input) canBeStray() bool { return in.real != "" && isJSON(in.path) }

// Strays returns how many JSON files below directories were left out, since nothing in
// them is an event or of a dialect.
func (f *From) Strays() int64 { return f.strays.Load() }

// A fromReader finds out the layout of an input before it reads it.
type fromReader struct {
	input   *Input
	src     *decompressor
	options *Options
	reader  blockReader // nil before the first block
	doubted bool        // it may still be a stray
}

func (r *fromReader) ReadBlock(b *dialect.Block) error {
	if r.reader == nil {
		err := r.src.begin()
		is := r.src.layout
		if r.doubted = r.input.canBeStray() && (is.open || is.stray); r.doubted && is.stray {
			r.options.From.strays.Add(1)
			return io.EOF
		}
		if err != nil {
			return err
		}
		if is.isEvents() {
			r.reader = newReader(r.src, r.options.MaxLine)
		} else {
			from := r.options.From
			from.say(r.input, r.options, is.dialect)
			reader := dialect.NewReader(r.src, is.form, is.dialect, from.decoder(is.dialect), r.options.MaxLine)
			if is.open {
				reader.Recognize(dialects.Of, func(d *dialect.Dialect) dialect.Decoder {
					from.say(r.input, r.options, d)
					return from.decoder(d)
				})
			}
			if s, ok := r.input.stream.(*OTLP); ok {
				s.Restart = func() { reader.Restart(from.renewed(is.dialect)) }
			}
			r.reader = reader
		}
	}
	err := r.reader.ReadBlock(b)
	if r.doubted {
		r.doubt(b, err)
	}
	return err
}

// doubt leaves out records that are no events, as long as there are no others.
func (r *fromReader) doubt(b *dialect.Block, err error) {
	switch {
	case err != nil:
		r.options.From.strays.Add(1)
		r.doubted = false
	case slices.ContainsFunc(b.Origins, func(o dialect.Origin) bool { return o.Err == nil && !o.Continues }):
		r.doubted = false
	default:
		b.Lines, b.Origins, b.Piece = nil, nil, false
	}
}

// reader returns a reader of the input's events.
func (in *Input) reader(src *decompressor, opts *Options) blockReader {
	if opts.From == nil {
		return newReader(src, opts.MaxLine)
	}
	return &fromReader{input: in, src: src, options: opts}
}

// scratch returns options for reading that leaves no trace in the decoders of the run.
func (o *Options) scratch() *Options {
	scratch := *o
	if o.From != nil {
		scratch.From = &From{Dialect: o.From.Dialect, Quiet: true}
	}
	return &scratch
}

// Another returns a From for inputs of which decoders remember nothing else.
func (f *From) Another() *From { return &From{Dialect: f.Dialect, Quiet: f.Quiet} }
