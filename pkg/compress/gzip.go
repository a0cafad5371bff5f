package compress

import (
	"bufio"
	"io"
	"strings"

	"github.com/klauspost/compress/gzip"
)

// gzipMembers reads gzip members one by one: a multistream gzip.Reader would hold back
// the end of one until the next one begins.
type gzipMembers struct {
	src      *bufio.Reader
	member   gzip.Reader
	inMember bool
	any      bool // there was a member before
}

func (g *gzipMembers) Read(p []byte) (n int, err error) {
	for n == 0 && err == nil {
		if !g.inMember {
			if err := g.next(); err != nil {
				return 0, err
			}
		}
		if n, err = g.member.Read(p); err == io.EOF {
			g.inMember, err = false, nil
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
	g.inMember, g.any = true, true
	return nil
}
