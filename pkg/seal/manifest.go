package seal

import (
	"bufio"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// A manifest says what a seal covered that is not in the checkpoint: when it was
// made, which file holds which lines, and which checkpoints were signed. It is a
// signed note as well. Its text is
//
//	auditctl manifest
//	<origin>
//	time <RFC 3339>
//	checkpoints <count> <bytes> <hash>
//	file <lines> <bytes> <quoted name>
//
// with a line for each file, the oldest first, and the line "closed" at the end if
// the last of them was about to be moved away. The hash of the checkpoints is that
// of the last of them and of those before it: NodeHash(before, RecordHash(last)),
// where nothing is 32 zero bytes.
type manifest struct {
	origin  string
	time    time.Time
	history history
	files   []file
	closed  bool
}

// A file is one of the files that hold the lines of a log.
type file struct {
	lines int64 // that were sealed
	bytes int64 // of those, uncompressed
	name  string
}

// A history is what checkpoints were signed.
type history struct {
	count int64
	bytes int64 // in the file of them
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

// size returns how many lines were sealed.
func (m *manifest) size() (n int64) {
	for _, f := range m.files {
		n += f.lines
	}
	return n
}

// String returns the text of a manifest.
func (m *manifest) String() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s\n%s\ntime %s\n", manifestHead, m.origin, m.time.UTC().Format(time.RFC3339))
	fmt.Fprintf(&text, "checkpoints %d %d %v\n", m.history.count, m.history.bytes, m.history.hash)
	for _, f := range m.files {
		fmt.Fprintf(&text, "file %d %d %q\n", f.lines, f.bytes, f.name)
	}
	if m.closed {
		text.WriteString("closed\n")
	}
	return text.String()
}

// parseManifest reads a signed manifest, and checks its signature unless the
// verifier is nil.
func parseManifest(signed []byte, v note.Verifier) (*manifest, error) {
	text, err := openNote(signed, v)
	if err != nil {
		return nil, err
	}
	m := new(manifest)
	var at, hash string
	in := bufio.NewScanner(strings.NewReader(text))
	line := func() string { in.Scan(); return in.Text() }
	if line() != manifestHead {
		return nil, errManifest
	}
	m.origin = line()
	if _, err := fmt.Sscanf(line(), "time %s", &at); err != nil {
		return nil, errManifest
	}
	if _, err := fmt.Sscanf(line(), "checkpoints %d %d %s", &m.history.count, &m.history.bytes, &hash); err != nil {
		return nil, errManifest
	}
	var err1, err2 error
	m.time, err1 = time.Parse(time.RFC3339, at)
	m.history.hash, err2 = tlog.ParseHash(hash)
	if err1 != nil || err2 != nil {
		return nil, errManifest
	}
	for in.Scan() && !m.closed {
		if m.closed = in.Text() == "closed"; m.closed {
			continue
		}
		var f file
		fields := strings.SplitN(in.Text(), " ", 4)
		if len(fields) < 4 || fields[0] != "file" {
			return nil, errManifest
		}
		var errs [3]error
		f.lines, errs[0] = strconv.ParseInt(fields[1], 10, 64)
		f.bytes, errs[1] = strconv.ParseInt(fields[2], 10, 64)
		f.name, errs[2] = strconv.Unquote(fields[3])
		if errors.Join(errs[:]...) != nil || f.lines < 0 || f.bytes < f.lines {
			return nil, errManifest
		}
		m.files = append(m.files, f)
	}
	// What is written otherwise than String does is not ours.
	if m.String() != text {
		return nil, errManifest
	}
	return m, nil
}
