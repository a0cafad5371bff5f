//go:build !amd64 && !arm64

package shapes

const hasVectors = false

func maskVectors(*masks, *byte) { panic("no vectors") }
