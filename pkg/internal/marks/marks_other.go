//go:build !amd64

package marks

const hasAVX2 = false

func markAVX2(*uint64, *byte, int) (done int, feeds uint64) { panic("no AVX2") }

func quoteAVX2(*byte, int) (at int, escaped uint64) { panic("no AVX2") }
