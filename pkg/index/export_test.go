package index

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"
	"io"
	"os"
	"time"
)

// A Clock is what Make goes by.
type Clock struct {
	Now   func() (time.Time, error)
	Sleep func(ctx context.Context, d time.Duration) error
}

// WithClock makes opts use another clock.
func WithClock(opts Options, c Clock) *Options {
	opts.clock = &clock{c.Now, c.Sleep}
	return &opts
}

// Changed returns the change time of a file.
func Changed(f *os.File) (time.Time, error) {
	st, err := stateOf(f)
	return st.changed, err
}

// A Record is what tests change in the record of an index.
type Record struct {
	Size         int64
	Inode        uint64
	Changed      time.Time
	Sure, Synced bool
	OtherBoot    bool
}

// EditRecord changes the record of the index of an open log, as if it were one of the log as it
// is now.
func EditRecord(log *os.File, path string, edit func(r *Record)) error {
	f, last, err := openFile(path, os.O_RDWR)
	if err != nil {
		return err
	}
	defer f.Close()
	now, err := stateOf(log)
	if err != nil {
		return err
	}
	r := Record{now.size, now.inode, now.changed, last.sure, last.synced, false}
	edit(&r)
	last.state = state{r.Size, r.Inode, r.Changed}
	last.sure, last.synced = r.Sure, r.Synced
	if last.boot = thisBoot(); r.OtherBoot {
		last.boot[0]++
	}
	w := writer{file: f, record: last}
	return w.finish()
}

// Wrap makes a Keeper write the index to what wrap returns for its file.
func (k *Keeper) Wrap(wrap func(io.WriterAt) io.WriterAt) { k.wrap = wrap }

// KnowsBoots reports whether it is known here when the machine was started.
func KnowsBoots() bool { return thisBoot() != bootID{} }

// LimitLines makes longer lines no events, until restore is called.
func LimitLines(limit int) (restore func()) {
	before := maxLine
	maxLine = limit
	return func() { maxLine = before }
}

// Repaired returns the file of an index with checksums that fit and a record of an open log, as
// far as it is long enough, so that what is damaged is not refused for these alone.
func Repaired(data []byte, log *os.File) []byte {
	data = bytes.Clone(data)
	if int64(len(data)) < segmentsAt {
		return data
	}
	copy(data, Magic)
	data[len(Magic)] = version
	now, err := stateOf(log)
	if err != nil {
		return data
	}
	r := record{state: now, sure: true, synced: true, length: int64(len(data))}
	copy(data[r.at():], r.append(nil))
	for at := segmentsAt; int64(len(data))-at >= headerSize; {
		header := data[at : at+headerSize]
		in := decoder{header}
		blocks, values, names, nameBytes, filters := in.size(), in.size(), in.size(), in.size(), in.size()
		core := blocks*entrySize + values*valueSize + names*nameLenSize + nameBytes
		if core > int64(len(data))-at-headerSize {
			return data
		}
		sum := crc32.Update(crc32.Checksum(header[:headerSize-4], castagnoli), castagnoli, data[at+headerSize:at+headerSize+core])
		binary.LittleEndian.PutUint32(header[headerSize-4:], sum)
		at += headerSize + core + filters
	}
	return data
}

// Compare compares all blocks with a log, whether or not it has grown.
func (ix *Index) Compare(ctx context.Context, log io.ReaderAt) error {
	return ix.key.confirm(ctx, log, ix.blocks)
}

// RecordOf returns what the record of an index says of the log's size, and whether it was synced.
func RecordOf(path string) (size int64, synced bool, err error) {
	f, last, err := openFile(path, os.O_RDONLY)
	if err != nil {
		return 0, false, err
	}
	return last.state.size, last.synced, f.Close()
}
