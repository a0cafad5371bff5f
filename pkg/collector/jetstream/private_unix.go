//go:build unix

package jetstream

import (
	"fmt"
	"os"
	"syscall"
)

// checkPrivate refuses a directory into which others may put files: what they put
// there would be delivered, or written over.
func checkPrivate(dir string) error {
	st, err := os.Stat(dir)
	if err != nil {
		return err
	}
	sys, ok := st.Sys().(*syscall.Stat_t)
	switch uid := os.Geteuid(); {
	case ok && int(sys.Uid) != uid && sys.Uid != 0:
		return fmt.Errorf("spool %s belongs to another user: use a directory of your own", dir)
	case st.Mode()&0o002 != 0:
		return fmt.Errorf("spool %s can be written by everybody: use another directory, or chmod o-w it", dir)
	}
	return nil
}
