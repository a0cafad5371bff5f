#include "textflag.h"

// What Go's assembler has no names for: register d gets all ones in the bytes in which n is
// greater than m, as signed or as unsigned numbers.
#define CMGT(m, n, d) WORD $(0x4e203400 | (m)<<16 | (n)<<5 | (d))
#define CMHI(m, n, d) WORD $(0x6e203400 | (m)<<16 | (n)<<5 | (d))

// SPECIAL leaves in y the bits of V20 for the bytes of x that are special, and changes x.
// Exchanging a space and a quote puts all that are special but the backslash below '!', as
// signed numbers: x^2 does it, and exchanges others only with their like.
#define SPECIAL(nx, x, ny, y, z) \
	VEOR  V16.B16, x, x; \
	CMGT(nx, 17, ny); \
	VCMEQ V18.B16, x, z; \
	VORR  z, y, y; \
	VAND  V20.B16, y, y

// func markVectors(marks *uint64, b *byte, words int) (done int, feeds uint64)
//
// No instruction gathers a bit of each byte. So each byte of a mask keeps only the bit that it
// becomes in the word, and neighbours are added three times; the last addition has room for
// another word, here for whether there are control characters. Loading every fourth byte
// into a register (VLD4) and shifting would take fewer instructions, but processors make many
// of that one.
TEXT ·markVectors(SB), NOSPLIT, $0-40
	MOVD  marks+0(FP), R0
	MOVD  b+8(FP), R1
	MOVD  words+16(FP), R2
	MOVD  $0x8040201008040201, R3
	VMOVI $2, V16.B16
	VMOVI $0x21, V17.B16
	VMOVI $0x5e, V18.B16          // a backslash, ^2
	VMOVI $0x20, V19.B16
	VDUP  R3, V20.D2
	MOVD  R0, R4
	ADD   R2<<3, R0, R5

loop:
	VLD1.P  64(R1), [V0.B16, V1.B16, V2.B16, V3.B16]
	SPECIAL(0, V0.B16, 4, V4.B16, V8.B16)
	SPECIAL(1, V1.B16, 5, V5.B16, V9.B16)
	SPECIAL(2, V2.B16, 6, V6.B16, V10.B16)
	SPECIAL(3, V3.B16, 7, V7.B16, V11.B16)
	VADDP   V5.B16, V4.B16, V4.B16
	VADDP   V7.B16, V6.B16, V6.B16
	VADDP   V6.B16, V4.B16, V4.B16
	VUMIN   V1.B16, V0.B16, V8.B16
	VUMIN   V3.B16, V2.B16, V9.B16
	VUMIN   V9.B16, V8.B16, V8.B16
	CMHI(8, 19, 8)                  // below a space: perhaps a line feed
	VADDP   V8.B16, V4.B16, V4.B16
	FMOVD.P F4, 8(R0)
	VMOV    V4.D[1], R6
	CBNZ    R6, control

next:
	CMP  R5, R0
	BLO  loop
	MOVD ZR, R6

done:
	SUB  R4, R0, R0
	LSR  $3, R0, R0
	MOVD R0, done+24(FP)
	MOVD R6, feeds+32(FP)
	RET

control:
	VMOVI $0x08, V4.B16           // a line feed, ^2
	VCMEQ V4.B16, V0.B16, V0.B16
	VCMEQ V4.B16, V1.B16, V1.B16
	VCMEQ V4.B16, V2.B16, V2.B16
	VCMEQ V4.B16, V3.B16, V3.B16
	VAND  V20.B16, V0.B16, V0.B16
	VAND  V20.B16, V1.B16, V1.B16
	VAND  V20.B16, V2.B16, V2.B16
	VAND  V20.B16, V3.B16, V3.B16
	VADDP V1.B16, V0.B16, V0.B16
	VADDP V3.B16, V2.B16, V2.B16
	VADDP V2.B16, V0.B16, V0.B16
	VADDP V0.B16, V0.B16, V0.B16
	VMOV  V0.D[0], R6
	CBZ   R6, next
	B     done
