package index

import (
	"encoding/binary"
	"hash/crc32"
	"time"
)

// Magic is what the file of an index begins with.
const Magic = "auditctl index\x00"

// The file of an index is, with all numbers little-endian:
//
//	magic    16 bytes, of which the last is the version
//	key      16 bytes
//	2 slots  of 128 bytes for records, the later one of which counts
//	segments, each with some blocks:
//	    header   how many blocks, values and names, and how long names and filters are
//	    blocks   of fixed size
//	    values   of all blocks: the number of a name, and how many events have it
//	    names    that were in no segment before: all lengths, then all texts
//	    filters  of all blocks
//
// A record has a CRC-32C of itself, a segment of all but its filters, which have one each.
// Nothing but the slots is ever written over: what comes after the length that the record
// says does not count.
const (
	version    = 1
	magicSize  = len(Magic) + 1
	slotSize   = 128
	slotsAt    = int64(magicSize + keySize)
	segmentsAt = slotsAt + 2*slotSize

	headerSize  = 6 * 4
	entrySize   = 104
	valueSize   = 2 * 4
	nameLenSize = 2
)

// A record says what an index was made for. The zero record is that of no log.
type record struct {
	sequence uint64 // the later record has the higher one
	state    state  // of the log
	sure     bool   // the log was in that state, and not just somewhat later
	synced   bool   // so it was on disk
	boot     bootID // when it was not
	length   int64  // of the index's file
	next     uint64 // the number of the next checksum
	blocks   int64  // about how many blocks there are
}

// Flags of a record.
const (
	flagSure = 1 << iota
	flagSynced
)

func (r *record) append(dst []byte) []byte {
	start := len(dst)
	le := binary.LittleEndian
	dst = le.AppendUint64(dst, r.sequence)
	dst = le.AppendUint64(dst, uint64(r.state.size))
	dst = le.AppendUint64(dst, r.state.inode)
	dst = appendTime(dst, r.state.changed)
	flags := uint32(0)
	if r.sure {
		flags |= flagSure
	}
	if r.synced {
		flags |= flagSynced
	}
	dst = le.AppendUint32(dst, flags)
	dst = append(dst, r.boot[:]...)
	dst = le.AppendUint64(dst, uint64(r.length))
	dst = le.AppendUint64(dst, r.next)
	dst = le.AppendUint32(dst, uint32(r.blocks))
	dst = append(dst, make([]byte, start+slotSize-4-len(dst))...)
	return le.AppendUint32(dst, crc32.Checksum(dst[start:], castagnoli))
}

// at returns where the slot of the record is.
func (r *record) at() int64 { return slotsAt + int64(r.sequence%2)*slotSize }

// readRecord reads a slot.
func readRecord(slot []byte) (r record, ok bool) {
	in := decoder{slot[:slotSize-4]}
	ok = crc32.Checksum(in.rest, castagnoli) == binary.LittleEndian.Uint32(slot[slotSize-4:])
	r.sequence = in.uint64()
	r.state.size = int64(in.uint64())
	r.state.inode = in.uint64()
	r.state.changed = in.time()
	flags := in.uint32()
	r.sure, r.synced = flags&flagSure != 0, flags&flagSynced != 0
	copy(r.boot[:], in.take(len(r.boot)))
	r.length = int64(in.uint64())
	r.next = in.uint64()
	r.blocks = in.size()
	return r, ok && r.state.size >= 0 && r.length >= segmentsAt
}

// lasts reports whether what the record says of the log was true after the machine was last
// started: if it was not on disk before, the log may have lost the end of it since.
func (r *record) lasts() bool {
	return r.synced || r.boot == thisBoot() && r.boot != bootID{}
}

// Flags of a block.
const (
	flagManyIDs = 1 << iota
	flagMany    // of the first listed key; those of the others follow
)

// An encoder makes the segments of one file.
type encoder struct {
	names map[string]uint32
	bytes int // of all names
}

// Limits of the names of a file, beside a part of the log's length, and of the values of a
// block, whatever its length.
const (
	fewNames  = 4 << 10 // bytes
	manyNames = 1 << 20
	nameShare = 512
	fewValues = 64
)

// segment appends a segment of blocks whose filters are in memory.
func (e *encoder) segment(dst []byte, blocks []Block) []byte {
	start := len(dst)
	dst = append(dst, make([]byte, headerSize)...)
	var s segment
	for i := range blocks {
		dst = s.block(dst, e, &blocks[i])
	}
	dst = append(append(append(dst, s.values...), s.lengths...), s.texts...)
	header := dst[start:start:len(dst)]
	for _, n := range []int{len(blocks), len(s.values) / valueSize, len(s.lengths) / nameLenSize, len(s.texts), len(s.filters)} {
		header = binary.LittleEndian.AppendUint32(header, uint32(n))
	}
	sum := crc32.Update(crc32.Checksum(header, castagnoli), castagnoli, dst[start+headerSize:])
	binary.LittleEndian.AppendUint32(header, sum)
	return append(dst, s.filters...)
}

// A segment is the parts of one that come after its blocks.
type segment struct{ values, lengths, texts, filters []byte }

// block appends a block to dst, and what it refers to to s.
func (s *segment) block(dst []byte, e *encoder, b *Block) []byte {
	le := binary.LittleEndian
	flags := uint32(0)
	var counts [len(listed)]uint16
	room := max(fewValues, int((b.End-b.Start)/nameShare)/valueSize)
	for k := range b.lists {
		l := &b.lists[k]
		if l.many || len(l.values) > room || !e.fits(l.values, b.End) {
			flags |= flagMany << k
			continue
		}
		room -= len(l.values)
		counts[k] = uint16(len(l.values))
		for _, v := range l.values {
			s.values = le.AppendUint32(le.AppendUint32(s.values, s.name(e, v.Text)), uint32(v.Events))
		}
	}
	if b.ids.many {
		flags |= flagManyIDs
	}
	s.filters = append(s.filters, b.ids.bits...)
	dst = le.AppendUint64(dst, uint64(b.End-b.Start))
	dst = le.AppendUint64(dst, uint64(b.Longest))
	for _, n := range []int64{b.Lines, b.Events, b.Invalid, b.Timed, b.Untimed} {
		dst = le.AppendUint32(dst, uint32(n))
	}
	dst = appendTime(appendTime(dst, b.First), b.Last)
	dst = le.AppendUint32(dst, flags)
	for _, n := range counts {
		dst = le.AppendUint16(dst, n)
	}
	dst = le.AppendUint32(dst, uint32(len(b.ids.bits)))
	dst = le.AppendUint32(dst, b.ids.sum)
	dst = le.AppendUint64(dst, b.checksum.number)
	return append(dst, b.checksum.tag[:]...)
}

// name returns the number of a name, which it adds if it is new.
func (s *segment) name(e *encoder, text string) uint32 {
	id, known := e.names[text]
	if !known {
		id = uint32(len(e.names))
		e.add(text)
		s.lengths = binary.LittleEndian.AppendUint16(s.lengths, uint16(len(text)))
		s.texts = append(s.texts, text...)
	}
	return id
}

func (e *encoder) add(name string) {
	if e.names == nil {
		e.names = make(map[string]uint32)
	}
	e.names[name] = uint32(len(e.names))
	e.bytes += nameLenSize + len(name)
}

// fits reports whether the names of values can be added, by a block that ends at some place
// in the log.
func (e *encoder) fits(values []Value, end int64) bool {
	more := 0
	for _, v := range values {
		if _, known := e.names[v.Text]; !known {
			more += nameLenSize + len(v.Text)
		}
	}
	return more == 0 || e.bytes+more <= fewNames+int(min(end/nameShare, manyNames))
}

func appendTime(dst []byte, t time.Time) []byte {
	dst = binary.LittleEndian.AppendUint64(dst, uint64(t.Unix()))
	return binary.LittleEndian.AppendUint32(dst, uint32(t.Nanosecond()))
}
