package shapes

import "golang.org/x/sys/cpu"

var hasAVX2 = cpu.X86.HasAVX2

// maskAVX2 fills m for 64 bytes.
//
//go:noescape
func maskAVX2(m *masks, b *byte)
