package index

import (
	"encoding/binary"
	"hash/crc32"
	"io"
	"slices"
	"time"
)

// A reader reads the segments of a file.
type reader struct {
	file     io.ReaderAt
	at       int64 // of the next segment
	length   int64 // of the file
	segments int
	hint     int64 // about how many blocks there are
	names    []string
	blocks   []Block
	end      int64 // of the log's blocks
	in       *Index
}

// segment reads the next segment and returns false if it is damaged.
func (r *reader) segment() bool {
	var header [headerSize]byte
	if r.length-r.at < headerSize {
		return false
	}
	if _, err := r.file.ReadAt(header[:], r.at); err != nil {
		return false
	}
	in := decoder{header[:]}
	blocks, values, names, nameBytes, filters := in.size(), in.size(), in.size(), in.size(), in.size()
	sum := in.uint32()
	core := blocks*entrySize + values*valueSize + names*nameLenSize + nameBytes
	left := r.length - r.at - headerSize
	if blocks == 0 || core > left || filters > left-core {
		return false
	}
	body := make([]byte, core)
	if _, err := r.file.ReadAt(body, r.at+headerSize); err != nil {
		return false
	}
	if crc32.Update(crc32.Checksum(header[:headerSize-4], castagnoli), castagnoli, body) != sum {
		return false
	}
	in = decoder{body}
	entries := decoder{in.take(int(blocks * entrySize))}
	counts := decoder{in.take(int(values * valueSize))}
	lengths := decoder{in.take(int(names * nameLenSize))}
	if !r.addNames(lengths, string(in.rest)) {
		return false
	}
	at := r.at + headerSize + core // of the next filter
	r.at = at + filters
	r.segments++
	all := make([]Value, values)
	r.blocks = slices.Grow(r.blocks, int(min(max(blocks, r.hint-int64(len(r.blocks))), r.length/entrySize)))
	for range blocks {
		b, sizes, ok := entries.block(r.end)
		if !ok || int64(b.ids.size) > r.at-at {
			return false
		}
		b.in, b.ids.at = r.in, at
		at += int64(b.ids.size)
		for k, n := range sizes {
			if n > len(all) {
				return false
			}
			b.lists[k].values, all = all[:n:n], all[n:]
			for i := range b.lists[k].values {
				name, events := counts.uint32(), counts.uint32()
				if int64(name) >= int64(len(r.names)) {
					return false
				}
				b.lists[k].values[i] = Value{r.names[name], int64(events)}
			}
		}
		r.end = b.End
		r.blocks = append(r.blocks, b)
	}
	return at == r.at && len(all) == 0
}

// addNames adds names of some lengths and returns false if these are not those of the texts.
func (r *reader) addNames(lengths decoder, texts string) bool {
	for len(lengths.rest) > 0 {
		n := int(lengths.uint16())
		if n > len(texts) {
			return false
		}
		r.names = append(r.names, texts[:n])
		texts = texts[n:]
	}
	return texts == ""
}

// block reads a block that begins at some place in the log, and how many values its lists
// have. It returns false if it cannot be one.
func (d *decoder) block(start int64) (b Block, sizes [len(listed)]int, ok bool) {
	b.Start = start
	length := d.uint64()
	b.End = start + int64(length)
	b.Longest = int64(d.uint64())
	b.Lines = d.size()
	b.Events = d.size()
	b.Invalid = d.size()
	b.Timed = d.size()
	b.Untimed = d.size()
	b.First = d.time()
	b.Last = d.time()
	flags := d.uint32()
	b.ids.many = flags&flagManyIDs != 0
	for k := range b.lists {
		b.lists[k].many = flags&(flagMany<<k) != 0
		sizes[k] = int(d.uint16())
	}
	b.ids.size = int(d.size())
	b.ids.sum = d.uint32()
	b.checksum.number = d.uint64()
	copy(b.checksum.tag[:], d.take(tagSize))
	return b, sizes, b.End > b.Start && b.Events+b.Invalid <= b.Lines && b.Timed+b.Untimed <= b.Events && b.ids.size <= maxFilter
}

// A decoder takes numbers off bytes that are known to be long enough.
type decoder struct{ rest []byte }

func (d *decoder) take(n int) []byte {
	taken := d.rest[:n]
	d.rest = d.rest[n:]
	return taken
}

func (d *decoder) uint16() uint16 { return binary.LittleEndian.Uint16(d.take(2)) }
func (d *decoder) uint32() uint32 { return binary.LittleEndian.Uint32(d.take(4)) }
func (d *decoder) uint64() uint64 { return binary.LittleEndian.Uint64(d.take(8)) }
func (d *decoder) size() int64    { return int64(d.uint32()) }

func (d *decoder) time() time.Time {
	seconds := int64(d.uint64())
	return time.Unix(seconds, int64(d.uint32())).UTC()
}
