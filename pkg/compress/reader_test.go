package compress_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"auditctl/pkg/compress"
)

const lineA, lineB = `{"event_type":"a"}` + "\n", `{"event_type":"b"}` + "\n"

const skipped = "\x5a\x2a\x4d\x18\x03\x00\x00\x00abc" // a skippable frame

// member compresses a text as a gzip member.
func member(text string) string {
	var b strings.Builder
	w := gzip.NewWriter(&b)
	io.WriteString(w, text)
	w.Close()
	return b.String()
}

// streamed compresses a text as a Zstandard frame whose header does not have its size.
func streamed(text string, options ...zstd.EOption) string {
	var b strings.Builder
	w, err := zstd.NewWriter(&b, append(options, zstd.WithEncoderConcurrency(1))...)
	if err != nil {
		panic(err)
	}
	io.WriteString(w, text)
	w.Close()
	return b.String()
}

// frame compresses a text as a Zstandard frame.
func frame(text string) string {
	w, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithZeroFrames(true))
	if err != nil {
		panic(err)
	}
	defer w.Close()
	return string(w.EncodeAll([]byte(text), nil))
}

func zeros(n int) string { return strings.Repeat("\x00", n) }

// read returns all that a Reader reads.
func read(t *testing.T, src io.Reader) (text string, format compress.Format, err error) {
	t.Helper()
	r := compress.NewReader(src)
	data, err := io.ReadAll(r)
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	return string(data), r.Format(), err
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestReader(t *testing.T) {
	const cut = "the compressed data is cut off"
	const trailing = "the compressed data is followed by something else, which was not read"
	a, b, nothing := member(lineA), member(lineB), member("")
	za, zb, zNothing := frame(lineA), frame(lineB), frame("")
	for name, test := range map[string]struct {
		in     string
		format compress.Format
		want   string
		err    string
	}{
		"nothing":                  {"", compress.None, "", ""},
		"lines":                    {lineA + lineB, compress.None, lineA + lineB, ""},
		"half of a magic number":   {"\x1f", compress.None, "\x1f", ""},
		"gzip members":             {a + b, compress.Gzip, lineA + lineB, ""},
		"padded":                   {a + zeros(1), compress.Gzip, lineA, ""},
		"padded much":              {a + zeros(100_000), compress.Gzip, lineA, ""},
		"padded between":           {a + zeros(512) + b + zeros(512), compress.Gzip, lineA + lineB, ""},
		"empty members":            {strings.Repeat(nothing, 300) + a + strings.Repeat(nothing, 300) + b, compress.Gzip, lineA + lineB, ""},
		"only empty members":       {strings.Repeat(nothing, 300), compress.Gzip, "", ""},
		"garbage":                  {a + "garbage", compress.Gzip, lineA, trailing},
		"a byte of garbage":        {a + "g", compress.Gzip, lineA, trailing},
		"lines after it":           {a + lineB, compress.Gzip, lineA, trailing},
		"zstd after gzip":          {a + zb, compress.Gzip, lineA, trailing},
		"padding and garbage":      {a + zeros(10) + "garbage", compress.Gzip, lineA, trailing},
		"cut off in a header":      {a + b[:1], compress.Gzip, lineA, cut},
		"cut off in data":          {a + b[:len(b)-1], compress.Gzip, lineA + lineB, cut},
		"compressed twice":         {member(a), compress.Gzip, a, ""},
		"zstd frames":              {za + zb, compress.Zstd, lineA + lineB, ""},
		"zstd skipped first":       {skipped + za, compress.Zstd, lineA, ""},
		"zstd padded":              {za + zeros(512), compress.Zstd, lineA, ""},
		"zstd padded with 1":       {za + zeros(1), compress.Zstd, lineA, ""},
		"zstd padded with 2":       {za + zeros(2) + skipped + zeros(2), compress.Zstd, lineA, ""},
		"zstd padded with 3":       {za + zeros(3) + zb + zeros(3), compress.Zstd, lineA + lineB, ""},
		"zstd padded between":      {za + zeros(512) + zb + zeros(100_000), compress.Zstd, lineA + lineB, ""},
		"zstd empty frames":        {strings.Repeat(zNothing+skipped, 300) + za + strings.Repeat(zNothing, 300) + zb, compress.Zstd, lineA + lineB, ""},
		"zstd garbage":             {za + "garbage", compress.Zstd, lineA, trailing},
		"zstd padding and garbage": {za + zeros(12) + "garbage", compress.Zstd, lineA, trailing},
		"zstd a byte of garbage":   {za + zeros(1) + "g", compress.Zstd, lineA, trailing},
		"zstd cut off":             {za + zb[:len(zb)-1], compress.Zstd, lineA, cut},
		"a window of 1 GiB":        {"\x28\xb5\x2f\xfd\x00\xa0\x01\x00\x00", compress.Zstd, "", "its window is larger than 128MiB: pipe it through zstd -dc --long=31"},
	} {
		for how, in := range map[string]io.Reader{
			"at once":      strings.NewReader(test.in),
			"byte by byte": iotest.OneByteReader(strings.NewReader(test.in)),
		} {
			t.Run(name+" "+how, func(t *testing.T) {
				text, format, err := read(t, in)
				if text != test.want || message(err) != test.err || format != test.format {
					t.Errorf("%.200q, %q, %v; want %.200q, %q, %q", text, format, err, test.want, test.format, test.err)
				}
			})
		}
	}
}

// Any kind of Zstandard frame may be padded, but not cut off.
func TestZstdFrames(t *testing.T) {
	text := strings.Repeat(lineA, 10_000) // more than a block
	for name, in := range map[string]string{
		"whole":             frame(lineA + lineB),
		"empty":             frame(""),
		"run length":        frame(strings.Repeat(" ", 1000) + "\n"),
		"without a size":    streamed(text),
		"without checksums": streamed(lineA, zstd.WithEncoderCRC(false)),
		"a single segment":  streamed(lineA, zstd.WithSingleSegment(true)),
		"not compressed":    "\x28\xb5\x2f\xfd\x00\x58\x09\x00\x00\n",
		"with dictionary":   "\x28\xb5\x2f\xfd\x03\x58\x00\x00\x00\x00\x09\x00\x00\n",
		"skipped":           skipped,
	} {
		t.Run(name, func(t *testing.T) {
			plain, _, err := read(t, strings.NewReader(in))
			if err != nil {
				t.Fatal(err)
			}
			for n := 1; n <= 5; n++ {
				text, _, err := read(t, strings.NewReader(in+zeros(n)+in+zeros(n)))
				if text != plain+plain || err != nil {
					t.Errorf("padded with %d: %.200q, %v", n, text, err)
				}
			}
			for n := 4; n < len(in); n += 1 + len(in)/20 {
				if _, _, err := read(t, strings.NewReader(in+in[:n])); err == nil || !strings.Contains(err.Error(), "cut off") {
					t.Errorf("cut off after %d bytes: %v", n, err)
				}
			}
		})
	}
}

// A Reader returns all it can decompress before it reads more from its source.
func TestReaderDoesNotWait(t *testing.T) {
	more := errors.New("read too far")
	for name, in := range map[string]string{
		"lines":       lineA,
		"member":      member(lineA),
		"members":     member("") + member(lineA),
		"frame":       frame(lineA),
		"with a sum":  streamed(lineA),
		"frames":      frame("") + skipped + frame(lineA),
		"not at once": streamed(lineA, zstd.WithSingleSegment(true)),
	} {
		for how, src := range map[string]io.Reader{
			"at once":      strings.NewReader(in),
			"byte by byte": iotest.OneByteReader(strings.NewReader(in)),
		} {
			text, _, err := read(t, io.MultiReader(src, iotest.ErrReader(more)))
			if text != lineA || err != more {
				t.Errorf("%s, %s: %q, %v", name, how, text, err)
			}
		}
	}
}

// A Reader agrees with the plain decoders, and where these fail, up to where they do.
func FuzzReader(f *testing.F) {
	for _, seed := range []string{
		"", lineA, member(lineA), member("") + member(lineA) + zeros(3), frame(lineA) + skipped + frame(lineB),
		streamed(strings.Repeat(lineA, 100)), "\x1f\x8b", "\x28\xb5\x2f\xfd", member(lineA)[:20], frame(lineA) + "x",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		text, format, err := read(t, bytes.NewReader(data))
		slow, _, slowErr := read(t, iotest.OneByteReader(bytes.NewReader(data)))
		if text != slow || message(err) != message(slowErr) {
			t.Errorf("at once %q, %v; byte by byte %q, %v", text, err, slow, slowErr)
		}
		plain, plainErr := plainly(format, data)
		if plainErr == nil && (text != plain || err != nil) {
			t.Errorf("%q, %v; want %q", text, err, plain)
		}
		if !strings.HasPrefix(text, plain) && !strings.HasPrefix(plain, text) {
			t.Errorf("%q, %v; want %q, %v", text, err, plain, plainErr)
		}
	})
}

// plainly decompresses data with a plain decoder.
func plainly(format compress.Format, data []byte) (string, error) {
	var src io.Reader = bytes.NewReader(data)
	switch format {
	case compress.Gzip:
		z, err := gzip.NewReader(src)
		if err != nil {
			return "", err
		}
		src = z
	case compress.Zstd:
		z, err := zstd.NewReader(src, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(128<<20))
		if err != nil {
			return "", err
		}
		defer z.Close()
		src = z
	}
	text, err := io.ReadAll(src)
	return string(text), err
}
