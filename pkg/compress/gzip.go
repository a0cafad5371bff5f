package compress

import (
	"bufio"
	"io"
	"strings"

	"github.com/klauspost/compress/gzip"
)

// gzipMembers reads gzip members one by one: a gzip.Reader that reads them all
// would keep the end of one back until the next one comes.
type gzipMembers struct {
	src    *bufio.Reader
	member gzip.Reader
	within bool // a member
	any    bool // there was one
}

func (g *gzipMembers) Read(p []byte) (n int, err error) {
	for n == 0 && err == nil {
		if !g.within {
			if err := g.next(); err != nil {
				return 0, err
			}
		}
		if n, err = g.member.Read(p); err == io.EOF {
			g.within, err = false, nil
		}
	}
	return n, err
}

// next begins the next member.
func (g *gzipMembers) next() error {
	if g.any {
		if err := skipPadding(g.src); err != nil {
			return err
		}
		if head, _ := g.src.Peek(len(gzipMagic)); !strings.HasPrefix(gzipMagic, string(head)) {
			return errTrailing
		}
	}
	if err := g.member.Reset(g.src); err != nil {
		return err
	}
	g.member.Multistream(false)
	g.within, g.any = true, true
	return nil
}
