#include "textflag.h"

// The kinds that bytes with a low half may be of, and those with a high half.
DATA lows<>+0(SB)/8, $0x3131313131313125
DATA lows<>+8(SB)/8, $0xd41c941090323535
GLOBL lows<>(SB), RODATA|NOPTR, $16
DATA highs<>+0(SB)/8, $0x20106010038c0000
DATA highs<>+8(SB)/8, $0x0000000000000000
GLOBL highs<>(SB), RODATA|NOPTR, $16

// KINDS replaces the bytes of x by their kinds.
#define KINDS(x, y) \
	VUSHR $4, x, y; \
	VAND  V18.B16, x, x; \
	VTBL  x, [V16.B16], x; \
	VTBL  y, [V17.B16], y; \
	VAND  y, x, x

// GATHER leaves in x a word of which bytes are of one of some kinds, but for the last of the
// additions that pkg/internal/marks/marks_arm64.s explains.
#define GATHER(kinds, x, y, z) \
	VMOVI  kinds, x; \
	VCMTST x, V1.B16, y; \
	VCMTST x, V2.B16, z; \
	VCMTST x, V3.B16, V4.B16; \
	VCMTST x, V0.B16, x; \
	VAND   V19.B16, x, x; \
	VAND   V19.B16, y, y; \
	VAND   V19.B16, z, z; \
	VAND   V19.B16, V4.B16, V4.B16; \
	VADDP  y, x, x; \
	VADDP  V4.B16, z, z; \
	VADDP  z, x, x

// func maskVectors(m *masks, b *byte)
TEXT ·maskVectors(SB), NOSPLIT, $0-16
	MOVD   m+0(FP), R0
	MOVD   b+8(FP), R1
	MOVD   $lows<>(SB), R2
	MOVD   $highs<>(SB), R3
	MOVD   $0x8040201008040201, R4
	VLD1   (R2), [V16.B16]
	VLD1   (R3), [V17.B16]
	VMOVI  $0x0f, V18.B16
	VDUP   R4, V19.D2
	VLD1   (R1), [V0.B16, V1.B16, V2.B16, V3.B16]
	KINDS(V0.B16, V4.B16)
	KINDS(V1.B16, V5.B16)
	KINDS(V2.B16, V6.B16)
	KINDS(V3.B16, V7.B16)
	GATHER($0x01, V20.B16, V5.B16, V6.B16)
	GATHER($0x04, V21.B16, V5.B16, V6.B16)
	GATHER($0x08, V22.B16, V5.B16, V6.B16)
	GATHER($0x02, V23.B16, V5.B16, V6.B16)
	GATHER($0xf1, V24.B16, V5.B16, V6.B16)
	VADDP  V21.B16, V20.B16, V20.B16       // digits and between
	VADDP  V23.B16, V22.B16, V21.B16       // dots and colons
	VADDP  V24.B16, V24.B16, V24.B16       // base64
	VST1.P [V20.B16, V21.B16], 32(R0)
	FMOVD  F24, (R0)
	RET
