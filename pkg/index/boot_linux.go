package index

import (
	"bytes"
	"encoding/hex"
	"os"
	"sync"
)

// A bootID is the same until the machine is started again. The zero bootID is that of none.
type bootID [16]byte

// thisBoot returns the id since the machine was started, or that of none if it is not known.
var thisBoot = sync.OnceValue(func() (id bootID) {
	text, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return id
	}
	digits := bytes.ReplaceAll(bytes.TrimSpace(text), []byte("-"), nil)
	if len(digits) != hex.EncodedLen(len(id)) {
		return id
	}
	if _, err := hex.Decode(id[:], digits); err != nil {
		return bootID{}
	}
	return id
})
