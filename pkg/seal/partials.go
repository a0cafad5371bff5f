package seal

import (
	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/tlog"
)

// Partials are the tiles that checkpoints ask for and that were never full: each
// stays until the full one is there.
type partials []struct {
	index  int64
	widths [torchwood.TileWidth]bool
}

// add adds those of a tree of n leaves, larger than the ones before.
func (p *partials) add(n int64) {
	for level := 0; n>>(level*torchwood.TileHeight) > 0; level++ {
		if level == len(*p) {
			*p = append(*p, (partials{{}})[0])
		}
		t := (&edge{n: n}).tile(level)
		at := &(*p)[level]
		if t.N != at.index {
			at.index, at.widths = t.N, [torchwood.TileWidth]bool{}
		}
		at.widths[t.W] = true
	}
}

// each calls do for every tile that is not full.
func (p partials) each(do func(t tlog.Tile)) {
	for level := range p {
		for width, is := range p[level].widths {
			if is && width > 0 {
				do(tlog.Tile{H: torchwood.TileHeight, L: level, N: p[level].index, W: width})
			}
		}
	}
}

// has reports whether a tile is one of them.
func (p partials) has(t tlog.Tile) bool {
	return t.L < len(p) && t.N == p[t.L].index && t.W < torchwood.TileWidth && p[t.L].widths[t.W]
}
