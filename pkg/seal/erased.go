package seal

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io/fs"
	"strconv"
	"sync"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/tlog"

	"auditctl/pkg/events"
	"auditctl/pkg/seal/internal/merkle"
)

// appendEvent appends the event that takes the place of an erased line with a leaf. Verify
// makes it again, so it must never be made differently.
func (e *Erasure) appendEvent(dst []byte, line int64, leaf tlog.Hash) []byte {
	dst = append(dst, `{"event_type": "erased", "timestamp": `...)
	dst = events.AppendTimestamp(dst, e.Time)
	dst = append(dst, `, "agent_id": null, "turn_id": null, "session_id": null, "severity": "info", "metadata": {}, "line": `...)
	dst = strconv.AppendInt(dst, line, 10)
	dst = append(dst, `, "leaf_hash": "`...)
	dst = hex.AppendEncode(dst, leaf[:])
	dst = append(dst, `", "reason": `...)
	return append(events.AppendString(dst, e.Reason), '}')
}

// isEvent reports whether a text is the event that takes the place of an erased line, and
// returns the leaf of that.
func (e *Erasure) isEvent(text []byte, line int64) (leaf tlog.Hash, ok bool) {
	event := e.appendEvent(nil, line, leaf)
	at := bytes.Index(event, leafKey) + len(leafKey)
	if len(text) != len(event) {
		return leaf, false
	}
	_, err := hex.Decode(leaf[:], text[at:at+hex.EncodedLen(len(leaf))])
	return leaf, err == nil && bytes.Equal(e.appendEvent(event[:0], line, leaf), text)
}

var leafKey = []byte(`"leaf_hash": "`)

// A restorer puts the hashes of erased lines in the place of those of the events that the
// log has instead, so that its tree is that of the lines that were sealed. It relies on the
// stored tiles: if these were changed, the tree is another one.
type restorer struct {
	sidecar *sidecar
	size    int64 // leaves of the tree
	list    *erasures

	mu    sync.Mutex
	there []LineRange // lines that are on the list, but still as they were sealed
}

// amend is the Amend of an [merkle.Edge].
func (r *restorer) amend(first int64, hashes []byte) error {
	end := first + int64(len(hashes)/tlog.HashSize)
	if !r.list.lines.intersects(first+1, end) {
		return nil
	}
	var tile, event []byte
	of := int64(-1)
	for _, at := range r.list.at[r.list.from(first+1):] {
		if at.First > end {
			break
		}
		e := &r.list.all[at.erasure]
		for line := max(at.First, first+1); line <= min(at.Last, end); line++ {
			leaf := line - 1
			if n := leaf / torchwood.TileWidth; n != of {
				var err error
				if tile, err = r.sidecar.tile(merkle.TileOf(r.size, 0, n), new(tileBuffer)); err != nil && !errors.Is(err, fs.ErrNotExist) {
					return err
				}
				of = n
			}
			was := tile[min(len(tile), int(leaf%torchwood.TileWidth)*tlog.HashSize):]
			if len(was) < tlog.HashSize {
				continue // the tile is found to be changed
			}
			was = was[:tlog.HashSize]
			have := hashes[(leaf-first)*tlog.HashSize:][:tlog.HashSize]
			event = e.appendEvent(event[:0], line, tlog.Hash(was))
			switch now := tlog.RecordHash(event); {
			case bytes.Equal(have, now[:]):
				copy(have, was)
			case bytes.Equal(have, was):
				r.stillThere(line)
			}
		}
	}
	return nil
}

func (r *restorer) stillThere(line int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.there = appendLine(r.there, line)
}
