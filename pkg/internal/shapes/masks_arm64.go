package shapes

// All processors have NEON that Go compiles arm64 for.
const hasVectors = true

// maskVectors fills m for 64 bytes.
//
//go:noescape
func maskVectors(m *masks, b *byte)
