package compress_test

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"auditctl/pkg/compress"
)

func TestByName(t *testing.T) {
	for path, want := range map[string]compress.Format{
		"a.jsonl": compress.None, "a.jsonl.gz": compress.Gzip, "dir/a.zst": compress.Zstd, ".gz": compress.Gzip,
		"a.jsonl.1": compress.None, "a.gz/b": compress.None, "a.GZ": compress.None, "a.xz": compress.None, "gz": compress.None,
	} {
		if got := compress.ByName(path); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}

// Detect is sure as soon as it can be, and says None until then.
func TestDetect(t *testing.T) {
	for head, want := range map[string]struct {
		format compress.Format
		sure   bool
	}{
		"":                     {compress.None, false},
		"\x1f":                 {compress.None, false},
		"\x1f\x8b":             {compress.Gzip, true},
		"\x1f\x8b\x08":         {compress.Gzip, true},
		"\x1f\x9d":             {compress.None, true},
		"\x28\xb5\x2f":         {compress.None, false},
		"\x28\xb5\x2f\xfd":     {compress.Zstd, true},
		"\x28\xb5\x2f\xfe":     {compress.None, true},
		"P":                    {compress.None, false},
		"PK":                   {compress.None, true},
		"\x5f\x2a\x4d\x18":     {compress.Zstd, true},
		"\x60\x2a\x4d\x18":     {compress.None, true},
		"{":                    {compress.None, true},
		"\n" + member("")[:10]: {compress.None, true},
	} {
		format, sure := compress.Detect([]byte(head))
		if format != want.format || sure != want.sure {
			t.Errorf("%q: %q, sure %t; want %q, %t", head, format, sure, want.format, want.sure)
		}
	}
}

// A Reader reads what a writer and an Appender wrote, and EndsWhole holds after each
// batch of an Appender.
func TestWriters(t *testing.T) {
	for _, format := range []compress.Format{compress.Gzip, compress.Zstd} {
		var file bytes.Buffer
		w := format.NewWriter(&file)
		io.WriteString(w, lineA)
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		want := lineA
		a := format.NewAppender()
		for _, batch := range []string{lineB, lineA + lineB, lineA[:5], lineA[5:], strings.Repeat(lineA, 10_000)} {
			file.Write(a.Compress([]byte(batch)))
			want += batch
			text, is, err := read(t, bytes.NewReader(file.Bytes()))
			if text != want || is != format || err != nil {
				t.Fatalf("%s: %.100q, %q, %v", format, text, is, err)
			}
			whole, endsLine, err := format.EndsWhole(bytes.NewReader(file.Bytes()), int64(file.Len()))
			if !whole || endsLine != strings.HasSuffix(batch, "\n") || err != nil {
				t.Errorf("%s, after %.100q: whole %t, ends a line %t, %v", format, batch, whole, endsLine, err)
			}
		}
	}
}

// A file does not end whole if its last member or frame is incomplete, nor if it is
// padded: other programs do not read what follows padding.
func TestEndsWhole(t *testing.T) {
	for format, in := range map[compress.Format]string{compress.Gzip: member(lineA), compress.Zstd: frame(lineA)} {
		for name, test := range map[string]struct {
			in                  string
			wantWhole, wantLine bool
		}{
			"whole":            {in, true, true},
			"cut off":          {in[:len(in)-1], false, false},
			"padded":           {in + zeros(10), false, false},
			"trailing garbage": {in + "x", false, false},
		} {
			whole, endsLine, err := format.EndsWhole(strings.NewReader(test.in), int64(len(test.in)))
			if whole != test.wantWhole || endsLine != test.wantLine || err != nil {
				t.Errorf("%s %s: whole %t, ends a line %t, %v", format, name, whole, endsLine, err)
			}
		}
	}
}

// A countingReaderAt counts how often it is read.
type countingReaderAt struct {
	io.ReaderAt
	reads int
}

func (r *countingReaderAt) ReadAt(p []byte, off int64) (int, error) {
	r.reads++
	return r.ReaderAt.ReadAt(p, off)
}

// EndsWhole reads a file of many small batches in a few large pieces.
func TestEndsWholeReads(t *testing.T) {
	for _, format := range []compress.Format{compress.Gzip, compress.Zstd} {
		batch := format.NewAppender().Compress([]byte(lineA))
		text := append(bytes.Repeat(batch, 1000), format.NewAppender().Compress([]byte("{"))...)
		file := &countingReaderAt{ReaderAt: bytes.NewReader(text)}
		whole, endsLine, err := format.EndsWhole(file, int64(len(text)))
		if !whole || endsLine || err != nil || file.reads > 10 {
			t.Errorf("%s: %t, %t, %v after %d reads of %d bytes", format, whole, endsLine, err, file.reads, len(text))
		}
	}
}
