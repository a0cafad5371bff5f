//go:build !amd64

package shapes

const hasAVX2 = false

func maskAVX2(*masks, *byte) { panic("no AVX2") }
