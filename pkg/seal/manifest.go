package seal

import (
	"bufio"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// A manifest has all that a seal covers: the tree, its time, which file has which lines,
// and which checkpoints were signed. A seal is done once its manifest is stored. It is a
// signed note with the text
//
//	auditctl manifest
//	<origin>
//	tree <size> <root>
//	time <RFC 3339>
//	checkpoints <count> <bytes> <hash>
//	erasures <count> <hash>
//	file <lines> <bytes> <quoted name>
//
// with a line for each file, oldest first, and the line "closed" at the end if the last
// file was rotated or was about to be. The hash of the checkpoints is NodeHash(before,
// RecordHash(last)), where last is the last checkpoint and before is the hash of those
// before it, or 32 zero bytes if there are none. The hash of the erasures is RecordHash of
// the text of their list when it had that many; without erasures there is no such line.
// The bytes of a file are those that it has after them.
type manifest struct {
	origin  string
	tree    tlog.Tree
	time    time.Time
	history history
	erased  version // which erasures are done
	files   []file
	closed  bool

	unverified []string // the keys of signatures that were not verified
}

// A file is one of the files of a log, as it was sealed.
type file struct {
	lines int64 // sealed
	bytes int64 // in these, uncompressed, with their line feeds
	name  string
}

// A history identifies the checkpoints that were signed.
type history struct {
	count int64
	bytes int64 // in the file checkpoints
	hash  tlog.Hash
}

// add adds a signed checkpoint.
func (h *history) add(signed []byte) {
	h.count++
	h.bytes += int64(len(signed))
	h.hash = tlog.NodeHash(h.hash, tlog.RecordHash(signed))
}

const manifestHead = "auditctl manifest"

var errManifest = errors.New("malformed manifest")

// checkpoint returns the checkpoint of the same tree.
func (m *manifest) checkpoint() torchwood.Checkpoint {
	return torchwood.Checkpoint{Origin: m.origin, Tree: m.tree}
}

// String returns the text of a manifest.
func (m *manifest) String() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s\n%s\ntree %d %v\n", manifestHead, m.origin, m.tree.N, m.tree.Hash)
	fmt.Fprintf(&text, "time %s\n", m.time.UTC().Format(time.RFC3339))
	fmt.Fprintf(&text, "checkpoints %d %d %v\n", m.history.count, m.history.bytes, m.history.hash)
	if m.erased.count > 0 {
		fmt.Fprintf(&text, "erasures %d %v\n", m.erased.count, m.erased.hash)
	}
	for _, f := range m.files {
		fmt.Fprintf(&text, "file %d %d %q\n", f.lines, f.bytes, f.name)
	}
	if m.closed {
		text.WriteString("closed\n")
	}
	return text.String()
}

// parseManifest parses a signed manifest and verifies its signature, unless v is nil. A
// text that differs from that of String is malformed.
func parseManifest(signed []byte, v note.Verifier) (*manifest, error) {
	text, unverified, err := openNote(signed, v)
	if err != nil {
		return nil, err
	}
	m := &manifest{unverified: unverified}
	in := bufio.NewScanner(strings.NewReader(text))
	in.Scan() // the head, which the comparison with String checks
	in.Scan()
	m.origin = in.Text()
	left := int64(-1) // lines of the tree that belong to the files to come
	for in.Scan() {
		word, rest, _ := strings.Cut(in.Text(), " ")
		fields := strings.SplitN(rest, " ", 3)
		numbers := make([]int64, len(fields))
		for i, field := range fields {
			numbers[i], _ = strconv.ParseInt(field, 10, 64)
		}
		switch {
		case word == "tree" && len(fields) == 2 && numbers[0] <= maxLines:
			m.tree.N = numbers[0]
			m.tree.Hash, _ = tlog.ParseHash(fields[1])
			left = m.tree.N
		case word == "time":
			m.time, _ = time.Parse(time.RFC3339, rest)
		case word == "checkpoints" && len(fields) == 3:
			m.history.count, m.history.bytes = numbers[0], numbers[1]
			m.history.hash, _ = tlog.ParseHash(fields[2])
		case word == "erasures" && len(fields) == 2 && numbers[0] > 0:
			m.erased.count = numbers[0]
			m.erased.hash, _ = tlog.ParseHash(fields[1])
		case word == "file" && len(fields) == 3 && 0 < numbers[0] && numbers[0] <= left && numbers[0] <= numbers[1]:
			name, _ := strconv.Unquote(fields[2])
			m.files = append(m.files, file{numbers[0], numbers[1], name})
			left -= numbers[0]
		case word == "closed":
			m.closed = true
		default:
			return nil, errManifest
		}
	}
	if left != 0 || m.String() != text {
		return nil, errManifest
	}
	return m, nil
}
