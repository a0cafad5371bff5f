package input

import "auditctl/pkg/index"

// An unwanted finds the blocks of a log in which no event is wanted. Without an index it knows
// of none.
type unwanted struct {
	options *Options
	index   *index.Index // nil: there is none
	blocks  []index.Block
	kept    int // the last block that was found to be none of them
}

// unwanted returns the unwanted of a file that was opened. A log that has grown since its index
// was made would have to be read for that.
func (in *Input) unwanted(f file, opts *Options) *unwanted {
	u := &unwanted{options: opts, kept: -1}
	if u.index = in.openIndex(f, opts); u.index == nil {
		return u
	}
	if !u.index.Grown() {
		u.blocks = u.index.Blocks()
	}
	return u
}

func (u *unwanted) close() {
	if u.index != nil {
		u.index.Close()
	}
}

// has reports whether a block is one of them.
func (u *unwanted) has(block int) bool {
	if block < 0 || block >= len(u.blocks) || block == u.kept {
		return false
	}
	wanted, ok := u.options.skips(&u.blocks[block])
	if !ok || wanted > 0 {
		u.kept = block
		return false
	}
	return true
}

// before returns where the last lines before an offset begin of which none is wanted.
func (u *unwanted) before(offset int64) int64 {
	for i := blockAt(u.blocks, offset-1); u.has(i); i-- {
		offset = u.blocks[i].Start
	}
	return offset
}

// after returns where the next lines from an offset on end of which none is wanted.
func (u *unwanted) after(offset int64) int64 {
	for i := blockAt(u.blocks, offset); u.has(i); i++ {
		offset = u.blocks[i].End
	}
	return offset
}
