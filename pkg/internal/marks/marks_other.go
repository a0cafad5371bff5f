//go:build !amd64

package marks

const hasAVX2 = false

func markAVX2(*uint64, *byte, int) (done int, feeds uint64) { panic("no AVX2") }
