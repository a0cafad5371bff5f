package seal

import (
	"bytes"
	"slices"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/tlog"

	"auditctl/pkg/seal/internal/merkle"
)

// A beginning is the first lines of a file as they were sealed, at most a tile of them.
// Moved files are recognized by it.
type beginning struct {
	hashes []byte
	events map[int]tlog.Hash // those of what is in the place of erased lines, by their index
}

// beginnings returns the beginning of each of the files. The first file begins with leaf n.
func beginnings(files []file, n int64, tree tlog.HashReader, erased *erasures) ([]beginning, error) {
	var indexes []int64
	first := n
	for _, f := range files {
		for i := range min(f.lines, torchwood.TileWidth) {
			indexes = append(indexes, tlog.StoredHashIndex(0, n+i))
		}
		n += f.lines
	}
	leaves, err := tree.ReadHashes(indexes)
	if err != nil {
		return nil, err
	}
	all := make([]beginning, len(files))
	for i, f := range files {
		for at := range min(f.lines, torchwood.TileWidth) {
			line := first + at + 1
			if e := erased.of(line); e != nil {
				if all[i].events == nil {
					all[i].events = make(map[int]tlog.Hash)
				}
				all[i].events[int(at)] = tlog.RecordHash(e.appendEvent(nil, line, leaves[0]))
			}
			all[i].hashes = append(all[i].hashes, leaves[0][:]...)
			leaves = leaves[1:]
		}
		first += f.lines
	}
	return all, nil
}

// beginning returns the hashes of the first lines of a file as it is now, of at most most
// bytes. If complete is set, a last line without a line feed counts as a line.
func (l Log) beginning(f found, most int, complete bool) ([]byte, error) {
	r, err := l.open(f)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	r.complete = complete
	return merkle.NewLines(r).Leaves(int64(most / tlog.HashSize))
}

// likeness returns how many bytes of a beginning are unchanged, or erased, or 0 if neither
// the first hash nor most of them are.
func (b beginning) likeness(have []byte) (same int) {
	first := false
	for i := 0; i < min(len(have), len(b.hashes)); i += tlog.HashSize {
		event, erased := b.events[i/tlog.HashSize]
		now := have[i : i+tlog.HashSize]
		if bytes.Equal(now, b.hashes[i:i+tlog.HashSize]) || erased && bytes.Equal(now, event[:]) {
			same += tlog.HashSize
			first = first || i == 0
		}
	}
	if !first && 2*same <= len(b.hashes) {
		return 0
	}
	return same
}

// locate returns the index in all, newest first, of each of the files that began so, oldest
// first; -1 for one that is gone. If the last one was closed, it looks first where it was
// moved to. A file whose beginning was changed is the most similar one between its
// neighbors, or if none is similar, the one next to a neighbor.
func (l Log) locate(began []beginning, closed bool, all []found) ([]int, error) {
	at := slices.Repeat([]int{-1}, len(began))
	// between returns the range in which file i may be.
	between := func(i int) (from, to int) {
		from, to = 0, len(all)
		if i+1 < len(at) {
			from = slices.Max(at[i+1:]) + 1
		}
		for _, older := range slices.Backward(at[:i]) {
			if older >= 0 {
				return from, older
			}
		}
		return from, to
	}
	for _, unchanged := range []bool{true, false} {
		for i := len(at) - 1; i >= 0; i-- {
			if at[i] >= 0 {
				continue
			}
			from, to := between(i)
			last := i == len(at)-1
			for n, best := from, 0; n < to && best < len(began[i].hashes); n++ {
				j := n
				if last && closed { // 1, 2, ..., and then 0
					j = (n + 1) % to
				}
				have, err := l.beginning(all[j], len(began[i].hashes), true)
				if err != nil {
					return nil, err
				}
				if same := began[i].likeness(have); same > best && (!unchanged || same == len(began[i].hashes)) {
					at[i], best = j, same
				}
			}
		}
	}
	for i := range at {
		if at[i] >= 0 {
			continue
		}
		from, to := between(i)
		guess := from
		if i > 0 && at[i-1] >= 0 {
			guess = to - 1
		}
		if guess >= from && guess < to {
			at[i] = guess
		}
	}
	return at, nil
}
