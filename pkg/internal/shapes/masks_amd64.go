package shapes

import "golang.org/x/sys/cpu"

var hasVectors = cpu.X86.HasAVX2

// maskVectors fills m for 64 bytes.
//
//go:noescape
func maskVectors(m *masks, b *byte)
