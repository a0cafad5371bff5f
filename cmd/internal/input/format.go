package input

import (
	"bytes"
	"io"
	"os"
	"strings"

	"auditctl/pkg/compress"
	"auditctl/pkg/events"
	"auditctl/pkg/index"
)

// A Format is a format that is not lines of JSON. It is also the error of data in that
// format where lines are wanted.
type Format struct {
	name string
	pipe string   // the command that converts it to lines
	from []string // what it begins with; a ? is any byte

	compression compress.Format // which auditctl reads, or None
	json        bool            // it has records, which can be read if it is known what they are
}

func (f *Format) Error() string {
	if f == logIndex {
		return "it is " + f.name + ", not a log: leave it out"
	}
	return "it is " + f.name + ", not JSON lines: pipe it through " + f.pipe
}

// Name returns what the format is called in a sentence.
func (f *Format) Name() string { return f.name }

// DocumentAt returns the format of a file that is a JSON document, nil if it is not.
func DocumentAt(path string) *Format {
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	head, err := io.ReadAll(io.LimitReader(f, formatHead))
	is, _ := formatOf(head, len(head) < formatHead)
	if err != nil || is == nil || !is.json {
		return nil
	}
	return is
}

// binaryFormats are recognized by their first bytes.
var binaryFormats = []*Format{
	logIndex,
	{name: "compressed", pipe: "gzip -dc", from: []string{"\x1f\x9d"}},
	{name: "xz", pipe: "xz -dc", from: []string{"\xfd7zXZ\x00"}},
	{name: "bzip2", pipe: "bzip2 -dc", from: []string{"BZh?1AY&SY", "BZh?\x17rE8P\x90"}},
	{name: "lz4", pipe: "lz4 -dc", from: []string{"\x04\x22\x4d\x18", "\x02\x21\x4c\x18"}},
	{name: "a zip archive", pipe: "unzip -p", from: []string{"PK\x03\x04", "PK\x05\x06"}},
	{name: "a 7z archive", pipe: "7z x -so", from: []string{"7z\xbc\xaf\x27\x1c"}},
	{name: "UTF-32", pipe: "iconv -f UTF-32 -t UTF-8", from: []string{"\xff\xfe\x00\x00", "\x00\x00\xfe\xff"}},
	{name: "UTF-16", pipe: "iconv -f UTF-16 -t UTF-8", from: []string{"\xff\xfe", "\xfe\xff"}},
	{name: "UTF-16", pipe: "iconv -f UTF-16LE -t UTF-8", from: []string{"{\x00?\x00", "[\x00?\x00"}},
	{name: "UTF-16", pipe: "iconv -f UTF-16BE -t UTF-8", from: []string{"\x00{\x00?", "\x00[\x00?"}},
}

// logIndex is what is beside a log, and what a pattern such as audit.jsonl* matches as well.
var logIndex = &Format{name: "an index", from: []string{index.Magic}}

// compressed are the formats that are decompressed, unless that was done already.
var compressed = map[compress.Format]*Format{
	compress.Gzip: {name: "compressed twice", pipe: "gzip -dc", compression: compress.Gzip},
	compress.Zstd: {name: "compressed twice", pipe: "zstd -dc", compression: compress.Zstd},
}

// JSON that is not in lines.
var (
	jsonArray   = &Format{name: "a JSON array", pipe: "repair, or jq -c '.[]'", json: true}
	spreadArray = &Format{name: "a JSON array spread over lines", pipe: "jq -c '.[]'", json: true}
	spreadJSON  = &Format{name: "JSON spread over lines", pipe: "jq -c .", json: true}
)

// tarArchive is recognized by its magic number, which follows the header of its first
// file.
var tarArchive = &Format{name: "a tar archive", pipe: "tar -xO"}

const tarKnown = 257 + len("ustar") // bytes until it is recognized

func isTar(head string) bool {
	return len(head) >= tarKnown && strings.HasSuffix(head[:tarKnown], "ustar")
}

// formatOf returns the format of data that begins with head, nil if it may be lines.
// That may change with more data until known is true. ended says that there is no more.
func formatOf(head []byte, ended bool) (f *Format, known bool) {
	compression, known := compress.Detect(head)
	if compression != compress.None {
		return compressed[compression], true
	}
	known = known || ended
	for _, f := range binaryFormats {
		for _, from := range f.from {
			switch n := min(len(head), len(from)); {
			case !matches(head[:n], from):
			case n == len(from):
				return f, known
			default:
				known = ended
			}
		}
	}
	if !known {
		return nil, false
	}
	return textFormatOf(head, ended)
}

func matches(head []byte, from string) bool {
	for i := range head {
		if head[i] != from[i] && from[i] != '?' {
			return false
		}
	}
	return true
}

// textFormatOf is formatOf for text. An array on one line is just a line if others
// follow.
func textFormatOf(head []byte, ended bool) (f *Format, known bool) {
	line, rest, whole := firstLine(head)
	element := strings.TrimLeft(strings.TrimPrefix(line, "["), blanks)
	switch {
	case line == "{":
		return restOfObject(rest, ended)
	case strings.HasPrefix("\ufeff", line): // empty, or the beginning of a byte order mark
		return nil, whole || ended
	case line[0] != '[':
		return only(tarArchive, isTar(line)), whole || ended || len(line) >= tarKnown
	case element == "" && whole:
		return linesOfArray(rest, ended)
	case element == "{" && whole:
		return spreadArray, true
	case element == "" || element[0] != '{':
		return nil, ended || element != ""
	case !whole:
		return only(jsonArray, ended), ended
	case line[len(line)-1] == ']':
		return endOfArray(rest, ended)
	}
	return jsonArray, true
}

// firstLine returns the first line that is not blank, trimmed, and whether its line feed
// is there. The line is empty if all are blank.
func firstLine(text []byte) (line string, rest []byte, whole bool) {
	first, rest, whole := bytes.Cut(bytes.TrimLeft(text, blanks+"\n"), []byte("\n"))
	return string(bytes.TrimRight(first, blanks)), rest, whole
}

// restOfObject is formatOf for what follows a line that opens an object. If that is
// neither a key nor the end, the line was cut off, and others follow.
func restOfObject(rest []byte, ended bool) (f *Format, known bool) {
	line, _, _ := firstLine(rest)
	if line == "" {
		return nil, ended
	}
	return only(spreadJSON, line[0] == '"' || line[0] == '}'), true
}

// linesOfArray is formatOf for what follows a line that opens an array: an element with
// a comma or the array's end after it, on its line or the next one. If there is none, the
// bracket is just a line, and others follow.
func linesOfArray(rest []byte, ended bool) (f *Format, known bool) {
	element, rest, whole := firstLine(rest)
	switch {
	case !whole && !ended:
		return jsonArray, false
	case element == "{":
		return spreadArray, true
	case !strings.HasPrefix(element, "{"):
		return nil, true
	}
	is := jsonArray
	n, err := new(events.Scanner).ScanPrefix([]byte(element))
	if err != nil {
		is, n = spreadArray, len(element) // it continues in the next line
	}
	after := strings.TrimLeft(element[n:], blanks)
	if strings.HasSuffix(element, ",") || strings.HasPrefix(after, ",") || after == "]" {
		return is, true
	}
	next, rest, _ := firstLine(rest)
	switch {
	case next == "":
		return nil, ended
	case next == "]" && is == jsonArray:
		return endOfArray(rest, ended)
	}
	return only(is, next[0] == ','), true
}

// endOfArray is formatOf for what follows the end of an array.
func endOfArray(rest []byte, ended bool) (f *Format, known bool) {
	alone := events.Blank(rest)
	return only(jsonArray, alone && ended), !alone || ended
}

// only returns f if something holds.
func only(f *Format, holds bool) *Format {
	if holds {
		return f
	}
	return nil
}

// blanks are what may be around JSON on a line.
const blanks = " \t\r\ufeff"
