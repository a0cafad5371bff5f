//go:build !amd64 && !arm64

package marks

var sets = []Set{Words}

// String returns the name of s.
func (s Set) String() string { return "words" }

func markVectors(*uint64, *byte, int) (done int, feeds uint64) { panic("no vectors") }

func quoteVectors(*byte, int) (at int, escaped uint64) { panic("no vectors") }
