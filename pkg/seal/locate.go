package seal

import (
	"bytes"
	"slices"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/tlog"

	"auditctl/pkg/seal/internal/merkle"
)

// A beginning is the leaf hashes that a file begins with, of a tile of lines at
// most. Files that were moved are known by it.
type beginning []byte

// beginnings returns what each of the files begins with, of which the first begins
// with leaf n, as it was sealed.
func beginnings(files []file, n int64, tree tlog.HashReader) ([]beginning, error) {
	var indexes []int64
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
		for range min(f.lines, torchwood.TileWidth) {
			all[i] = append(all[i], leaves[0][:]...)
			leaves = leaves[1:]
		}
	}
	return all, nil
}

// beginning returns what a file begins with now, of at most as many bytes. If it is
// complete what follows its last line feed is a line.
func (l Log) beginning(f found, most int, complete bool) (beginning, error) {
	r, err := l.open(f)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	r.complete = complete
	return merkle.NewLines(r).Leaves(int64(most / tlog.HashSize))
}

// likeness returns how many bytes of a beginning are what they were: none unless the
// first leaf is, or most are.
func (was beginning) likeness(have beginning) (same int) {
	for i := 0; i < min(len(have), len(was)); i += tlog.HashSize {
		if bytes.Equal(have[i:i+tlog.HashSize], was[i:i+tlog.HashSize]) {
			same += tlog.HashSize
		}
	}
	if !bytes.HasPrefix(have, was[:tlog.HashSize]) && 2*same <= len(was) {
		return 0
	}
	return same
}

// locate returns where in what was found, the newest first, each of the files is
// now that began so, the oldest first; -1 for one that is gone. If the last was
// closed it is looked for where it was moved to first. Those that begin otherwise
// than was sealed are the ones between their neighbours that are like them, or, if
// none is, taken to be beside them.
func (l Log) locate(began []beginning, closed bool, all []found) ([]int, error) {
	at := slices.Repeat([]int{-1}, len(began))
	// between returns the places that one that is not found yet may have.
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
	for _, whole := range []bool{true, false} {
		for i := len(at) - 1; i >= 0; i-- {
			if at[i] >= 0 {
				continue
			}
			from, to := between(i)
			last := i == len(at)-1
			for n, best := from, 0; n < to && best < len(began[i]); n++ {
				j := n
				if last && closed { // 1, 2, ..., and then 0
					j = (n + 1) % to
				}
				have, err := l.beginning(all[j], len(began[i]), true)
				if err != nil {
					return nil, err
				}
				if same := began[i].likeness(have); same > best && (!whole || same == len(began[i])) {
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
