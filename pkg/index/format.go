package index

import (
	"encoding/binary"
	"hash/crc32"
	"time"
)

// The file of an index is, with all numbers little-endian:
//
//	magic    16 bytes
//	key      16 bytes
//	2 slots  for the state of the log, the later one of which counts
//	segments, each with some blocks:
//	    header   how many blocks, values and names, and how long names and filters are
//	    blocks   of fixed size
//	    values   of all blocks: the number of a name, and how many events have it
//	    names    that were in no segment before: all lengths, then all texts
//	    filters  of all blocks
//
// A slot has a CRC-32C of itself, a segment of all but its filters, which have one each.
const (
	magic       = "auditctl index\x00" // and the version
	version     = 1
	magicSize   = len(magic) + 1
	slotSize    = 128
	slotsAt     = int64(magicSize + keySize)
	segmentsAt  = slotsAt + 2*slotSize
	headerSize  = 6 * 4
	entrySize   = 104
	valueSize   = 2 * 4
	nameLenSize = 2
)

// A record is what a slot says: of the log, and of the file of the index.
type record struct {
	sequence uint64 // the later slot has the higher one
	state    state
	synced   bool   // the log was synced in that state
	boot     bootID // when it was not
	length   int64  // of the file
	next     uint64 // the number of the next checksum
}

// Flags of a record.
const synced = 1

func (r *record) append(dst []byte) []byte {
	start := len(dst)
	le := binary.LittleEndian
	dst = le.AppendUint64(dst, r.sequence)
	dst = le.AppendUint64(dst, uint64(r.state.size))
	dst = le.AppendUint64(dst, r.state.inode)
	dst = appendTime(dst, r.state.changed)
	flags := uint32(0)
	if r.synced {
		flags |= synced
	}
	dst = le.AppendUint32(dst, flags)
	dst = append(dst, r.boot[:]...)
	dst = le.AppendUint64(dst, uint64(r.length))
	dst = le.AppendUint64(dst, r.next)
	dst = append(dst, make([]byte, start+slotSize-4-len(dst))...)
	return le.AppendUint32(dst, crc32.Checksum(dst[start:], castagnoli))
}

// readRecord reads a slot.
func readRecord(slot []byte) (r record, ok bool) {
	in := decoder{slot[:slotSize-4]}
	ok = crc32.Checksum(in.rest, castagnoli) == binary.LittleEndian.Uint32(slot[slotSize-4:])
	r.sequence = in.uint64()
	r.state.size = int64(in.uint64())
	r.state.inode = in.uint64()
	r.state.changed = in.time()
	r.synced = in.uint32()&synced != 0
	copy(r.boot[:], in.take(len(r.boot)))
	r.length = int64(in.uint64())
	r.next = in.uint64()
	return r, ok && r.state.size >= 0 && r.length >= segmentsAt
}

// Flags of a block.
const (
	flagManyIDs = 1 << iota
	flagMany    // of the first listed key; those of the others follow
)

// An encoder writes segments of one file.
type encoder struct {
	names map[string]uint32
	bytes int // of all names
	end   int64
}

// names are limited to this many bytes, and a part of the log's length.
const (
	fewNames  = 4 << 10
	nameShare = 512
	fewValues = 64 // of a block; if it is long, the values may take this part of it:
)

// segment appends a segment. All filters must be in memory.
func (e *encoder) segment(dst []byte, blocks []Block) []byte {
	var values, lengths, texts []byte
	start := len(dst)
	dst = append(dst, make([]byte, headerSize)...)
	nValues, nNames, filters := 0, 0, 0
	le := binary.LittleEndian
	for i := range blocks {
		b := &blocks[i]
		e.end = b.End
		room := max(fewValues, int((b.End-b.Start)/nameShare)/valueSize)
		flags := uint32(0)
		var counts [len(listed)]uint16
		for k := range b.lists {
			l := &b.lists[k]
			if l.many || len(l.values) > room || !e.fits(l.values) {
				flags |= flagMany << k
				continue
			}
			room -= len(l.values)
			counts[k] = uint16(len(l.values))
			nValues += len(l.values)
			for _, v := range l.values {
				id, known := e.names[v.Text]
				if !known {
					id = uint32(len(e.names))
					e.names[v.Text] = id
					e.bytes += len(v.Text) + nameLenSize
					lengths = le.AppendUint16(lengths, uint16(len(v.Text)))
					texts = append(texts, v.Text...)
					nNames++
				}
				values = le.AppendUint32(le.AppendUint32(values, id), uint32(v.Events))
			}
		}
		if b.ids.many {
			flags |= flagManyIDs
		}
		filters += len(b.ids.bits)
		dst = b.appendEntry(dst, flags, counts)
	}
	dst = append(append(append(dst, values...), lengths...), texts...)
	header := dst[start:start:len(dst)]
	for _, n := range []int{len(blocks), nValues, nNames, len(texts), filters} {
		header = le.AppendUint32(header, uint32(n))
	}
	le.AppendUint32(header, crc32.Update(crc32.Checksum(header, castagnoli), castagnoli, dst[start+headerSize:]))
	for i := range blocks {
		dst = append(dst, blocks[i].ids.bits...)
	}
	return dst
}

// fits reports whether the names of values can be added.
func (e *encoder) fits(values []Value) bool {
	more := 0
	for _, v := range values {
		if _, known := e.names[v.Text]; !known {
			more += len(v.Text) + nameLenSize
		}
	}
	return more == 0 || e.bytes+more <= fewNames+int(e.end/nameShare)
}

func (b *Block) appendEntry(dst []byte, flags uint32, counts [len(listed)]uint16) []byte {
	le := binary.LittleEndian
	dst = le.AppendUint64(dst, uint64(b.End-b.Start))
	dst = le.AppendUint64(dst, uint64(b.Longest))
	dst = le.AppendUint32(dst, uint32(b.Lines))
	dst = le.AppendUint32(dst, uint32(b.Events))
	dst = le.AppendUint32(dst, uint32(b.Invalid))
	dst = le.AppendUint32(dst, uint32(b.Timed))
	dst = le.AppendUint32(dst, uint32(b.Untimed))
	dst = appendTime(dst, b.First)
	dst = appendTime(dst, b.Last)
	dst = le.AppendUint32(dst, flags)
	for _, n := range counts {
		dst = le.AppendUint16(dst, n)
	}
	dst = le.AppendUint32(dst, uint32(len(b.ids.bits)))
	dst = le.AppendUint32(dst, b.ids.sum)
	dst = le.AppendUint64(dst, b.checksum.number)
	return append(dst, b.checksum.tag[:]...)
}

func appendTime(dst []byte, t time.Time) []byte {
	dst = binary.LittleEndian.AppendUint64(dst, uint64(t.Unix()))
	return binary.LittleEndian.AppendUint32(dst, uint32(t.Nanosecond()))
}
