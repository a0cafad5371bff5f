package cmd_test

import (
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/gzip"

	"auditctl/cmd"
)

// An input in another format is reported as such, once, and not read; tee passes it on.
// It does not matter how the bytes are divided.
func TestFormats(t *testing.T) {
	const log = lineA + lineB
	const maxHead = 64 << 10
	pretty := "  {\n    \"event_type\": \"a\"\n  }"
	for name, test := range map[string]struct {
		in string
		is string // "" for lines
	}{
		"UTF-16":                            {"\xff\xfe" + wide(log), "UTF-16, not JSON lines: pipe it through iconv -f UTF-16 -t UTF-8"},
		"UTF-16 big-endian":                 {"\xfe\xff\x00{\x00\"", "UTF-16, not JSON lines: pipe it through iconv -f UTF-16 -t UTF-8"},
		"UTF-16 without mark":               {wide(log), "UTF-16, not JSON lines: pipe it through iconv -f UTF-16LE -t UTF-8"},
		"big-endian, no mark":               {"\x00" + wide(log), "UTF-16, not JSON lines: pipe it through iconv -f UTF-16BE -t UTF-8"},
		"UTF-32":                            {"\xff\xfe\x00\x00{\x00\x00\x00", "UTF-32, not JSON lines: pipe it through iconv -f UTF-32 -t UTF-8"},
		"xz":                                {"\xfd7zXZ\x00\x00\x04\xe6\n\xd6", "xz, not JSON lines: pipe it through xz -dc"},
		"bzip2":                             {"BZh91AY&SY\x01", "bzip2, not JSON lines: pipe it through bzip2 -dc"},
		"bzip2 of nothing":                  {"BZh9\x17rE8P\x90\x00\x00\x00\x00", "bzip2, not JSON lines: pipe it through bzip2 -dc"},
		"lz4":                               {"\x04\x22\x4d\x18\x64\x40", "lz4, not JSON lines: pipe it through lz4 -dc"},
		"zip":                               {"PK\x03\x04\x14\x00", "a zip archive, not JSON lines: pipe it through unzip -p"},
		"7z":                                {"7z\xbc\xaf\x27\x1c\x00", "a 7z archive, not JSON lines: pipe it through 7z x -so"},
		"compress":                          {"\x1f\x9d\x90{", "compressed, not JSON lines: pipe it through gzip -dc"},
		"tar":                               {"session.jsonl" + strings.Repeat("\x00", 244) + "ustar\x0000" + log, "a tar archive, not JSON lines: pipe it through tar -xO"},
		"array":                             {"[" + strings.TrimSpace(lineA) + ",\n" + lineB + "]\n", "a JSON array, not JSON lines: pipe it through repair, or jq -c '.[]'"},
		"array, commas before":              {"\xef\xbb\xbf [ " + lineA + ", " + lineB + "]\n", "a JSON array, not JSON lines: pipe it through repair, or jq -c '.[]'"},
		"array in brackets":                 {"[\r\n" + strings.TrimSpace(lineA) + ",\r\n" + lineB + "]", "a JSON array, not JSON lines: pipe it through repair, or jq -c '.[]'"},
		"array that is long":                {"[{" + strings.Repeat(" ", maxHead) + "}, {}]", "a JSON array, not JSON lines: pipe it through repair, or jq -c '.[]'"},
		"array over lines":                  {"[\n" + pretty + ",\n" + pretty + "\n]\n", "a JSON array spread over lines, not JSON lines: pipe it through jq -c '.[]'"},
		"array after blank lines":           {"\n \r\n\n[" + strings.TrimSpace(lineA) + ",\n" + lineB + "]\n", "a JSON array, not JSON lines: pipe it through repair, or jq -c '.[]'"},
		"array after a mark and blanks":     {"\xef\xbb\xbf\n\n[\n" + strings.TrimSpace(lineA) + ",\n" + lineB + "]\n", "a JSON array, not JSON lines: pipe it through repair, or jq -c '.[]'"},
		"array with commas first":           {"[\n" + lineA + "," + lineB + "]\n", "a JSON array, not JSON lines: pipe it through repair, or jq -c '.[]'"},
		"array with commas first, indented": {"[\r\n  " + lineA + "\n, " + lineB + "]\n", "a JSON array, not JSON lines: pipe it through repair, or jq -c '.[]'"},
		"array with commas alone":           {"[\n\n" + lineA + ",\n" + lineB + "]\n", "a JSON array, not JSON lines: pipe it through repair, or jq -c '.[]'"},
		"spread array with commas first":    {"[\n{ \"event_type\": \"a\"\n, \"x\": 1\n}\n, {}\n]\n", "a JSON array spread over lines, not JSON lines: pipe it through jq -c '.[]'"},
		"spread array with commas last":     {"[\n{ \"event_type\": \"a\",\n \"x\": 1\n}]\n", "a JSON array spread over lines, not JSON lines: pipe it through jq -c '.[]'"},
		"objects over lines, blanks before": {"\n\n{\n  \"event_type\": \"a\"\n}\n", "JSON spread over lines, not JSON lines: pipe it through jq -c ."},
		"objects over lines":                {"{\n  \"event_type\": \"a\"\n}\n", "JSON spread over lines, not JSON lines: pipe it through jq -c ."},

		"a line that is an array": {"[{}, {}]\n" + log, ""},
		"what only begins so":     {"BZh91AY\n" + log, ""},
		"of numbers":              {"[1,\n" + log, ""},
		"of nothing":              {"[]\n" + log, ""},
		"a bracket":               {"[\n" + log, ""},
		"a bracket and an end":    {"[\n" + lineA + "]\n" + log, ""},
		"a bracket and an object": {"[\n{\"x\": [1\n" + log, ""},
		"a bracket, a late comma": {"[\n" + log + "," + lineA, ""},
		"blank lines":             {"\n\n" + strings.Repeat(" ", 300) + "\nnonsense\n" + lineC, ""},
		"an array after a line":   {log + "\n[" + strings.TrimSpace(lineA) + ",\n" + lineB + "]\n", ""},
		"a brace":                 {"{\n", ""},
		"a line cut off to that":  {"{\r\n\n" + log, ""},
		"later":                   {lineC + "[{},\n" + log, ""},
	} {
		for how, source := range map[string]func(string) io.Reader{
			"at once":      func(text string) io.Reader { return strings.NewReader(text) },
			"byte by byte": func(text string) io.Reader { return iotest.OneByteReader(strings.NewReader(text)) },
		} {
			if len(test.in) > maxHead && how != "at once" {
				continue // takes long and shows nothing more
			}
			t.Run(name+" "+how, func(t *testing.T) {
				want, message := 3, "auditctl: stdin:"
				if test.is != "" {
					want, message = 2, "auditctl: read stdin: it is "+test.is+"\n"
				}
				status, stdout, stderr := run(source(test.in), "filter", "--from=none")
				if status != want || test.is != "" && (stdout != "" || stderr != message) || !strings.HasPrefix(stderr, message) {
					t.Errorf("filter: status %d, %.200q, %.200q; want status %d, %q", status, stdout, stderr, want, message)
				}
				if status, stdout, stderr := run(source(gzipped(t, test.in)), "filter", "--from=none"); status != want || !strings.HasPrefix(stderr, message) {
					t.Errorf("compressed: status %d, %.200q, %.200q", status, stdout, stderr)
				}
			})
		}
		t.Run("tee "+name, func(t *testing.T) {
			status, stdout, stderr := run(strings.NewReader(test.in), "tee")
			if all := strings.TrimSuffix(test.in, "\n") + "\n"; stdout != all {
				t.Errorf("tee: %.200q, want %.200q", stdout, all)
			}
			if message := "auditctl: read stdin: it is " + test.is + "\n"; test.is != "" && (status != 2 || stderr != message) || test.is == "" && status != 3 {
				t.Errorf("tee: status %d, %.200q", status, stderr)
			}
		})
	}
}

// Documents are read as events, however they come.
func TestDocuments(t *testing.T) {
	t.Parallel()
	spread := strings.ReplaceAll(strings.ReplaceAll(strings.TrimSpace(lineA), ", ", ",\n  "), "{", "{\n  ")
	for name, text := range map[string]string{
		"array":            "[" + lineA + "," + lineA + "]",
		"array in lines":   "[\n" + lineA + ",\n" + lineA + "]\n",
		"commas first":     "\xef\xbb\xbf\n\n[\n" + lineA + "\n, " + lineA + "]\n",
		"spread array":     "[\r\n" + spread + ",\n" + spread + "\n]\n",
		"spread objects":   spread + "\n\n" + spread + "\n",
		"records":          "{\n \"Records\": [" + lineA + "," + spread + "]\n}\n",
		"a long beginning": "[{" + strings.Repeat(" ", 64<<10) + lineA[1:] + ", " + spread + "]",
	} {
		for how, src := range map[string]io.Reader{
			"at once":      strings.NewReader(text),
			"byte by byte": iotest.OneByteReader(strings.NewReader(text)),
			"compressed":   strings.NewReader(gzipped(t, text)),
		} {
			t.Run(name+" "+how, func(t *testing.T) {
				status, stdout, stderr := run(src, "filter")
				have := strings.Split(strings.Join(strings.Fields(stdout), ""), "}{")
				want := strings.Join(strings.Fields(lineA), "")
				if status != 0 || stderr != "" || strings.Count(stdout, "\n") != 2 || have[1] != want[1:] {
					t.Errorf("status %d, %.300q, %.300q", status, stdout, stderr)
				}
			})
		}
	}
}

// wide encodes ASCII as UTF-16, little-endian.
func wide(text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		b.WriteByte(c)
		b.WriteByte(0)
	}
	return b.String()
}

// gzipped compresses a text.
func gzipped(t *testing.T, text string) string {
	t.Helper()
	var b strings.Builder
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// tee passes on a line that may begin an array before it is known whether it does.
func TestTeePassesArraysOn(t *testing.T) {
	in, feed := io.Pipe()
	passed, out := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- cmd.Run(t.Context(), []string{"tee"}, cmd.Streams{In: in, Out: out, Err: io.Discard})
	}()
	for _, line := range []string{"[{}, {}]\n", lineA, "[\n"} {
		io.WriteString(feed, line)
		got := make([]byte, len(line))
		if _, err := io.ReadFull(passed, got); err != nil || string(got) != line {
			t.Fatalf("%q, %v; want %q", got, err, line)
		}
	}
	feed.Close()
	if status := <-ended; status != 3 {
		t.Errorf("status %d", status)
	}
}
