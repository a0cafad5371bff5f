#include "textflag.h"

// func quoteVectors(b *byte, blocks int) (at int, escaped uint64)
//
// Most blocks have no quote, and no more is asked of them. In one that has, it is computed for
// all bytes at once which are escaped: in a run of backslashes every second one escapes, and
// subtracting finds where runs end (as in simdjson). marks_arm64.s explains how masks become
// words.
TEXT ·quoteVectors(SB), NOSPLIT, $0-32
	MOVD  b+0(FP), R0
	MOVD  blocks+8(FP), R1
	ADD   R1<<6, R0, R1
	MOVD  R0, R2
	MOVD  $0x8040201008040201, R3
	MOVD  $0xaaaaaaaaaaaaaaaa, R10
	VMOVI $34, V16.B16             // '"'
	VMOVI $92, V17.B16             // '\\'
	VDUP  R3, V18.D2

loop:
	VLD1.P 64(R2), [V0.B16, V1.B16, V2.B16, V3.B16]
	VCMEQ  V16.B16, V0.B16, V4.B16
	VCMEQ  V16.B16, V1.B16, V5.B16
	VCMEQ  V16.B16, V2.B16, V6.B16
	VCMEQ  V16.B16, V3.B16, V7.B16
	VORR   V4.B16, V5.B16, V8.B16
	VORR   V6.B16, V7.B16, V9.B16
	VORR   V8.B16, V9.B16, V8.B16
	VADDP  V8.B16, V8.B16, V8.B16
	FMOVD  F8, R3
	CBNZ   R3, quotes

next:
	CMP  R1, R2
	BLO  loop
	MOVD ZR, R3
	MOVD R1, R5
	B    before

quotes:
	VAND  V18.B16, V4.B16, V4.B16
	VAND  V18.B16, V5.B16, V5.B16
	VAND  V18.B16, V6.B16, V6.B16
	VAND  V18.B16, V7.B16, V7.B16
	VADDP V5.B16, V4.B16, V4.B16
	VADDP V7.B16, V6.B16, V6.B16
	VADDP V6.B16, V4.B16, V4.B16
	VCMEQ V17.B16, V0.B16, V0.B16
	VCMEQ V17.B16, V1.B16, V1.B16
	VCMEQ V17.B16, V2.B16, V2.B16
	VCMEQ V17.B16, V3.B16, V3.B16
	VAND  V18.B16, V0.B16, V0.B16
	VAND  V18.B16, V1.B16, V1.B16
	VAND  V18.B16, V2.B16, V2.B16
	VAND  V18.B16, V3.B16, V3.B16
	VADDP V1.B16, V0.B16, V0.B16
	VADDP V3.B16, V2.B16, V2.B16
	VADDP V2.B16, V0.B16, V0.B16
	VADDP V0.B16, V4.B16, V4.B16
	VMOV  V4.D[0], R3              // the quotes
	VMOV  V4.D[1], R4              // the backslashes
	SUB   $64, R2, R5

	// What is at R5 is escaped if there is an odd number of backslashes before it.
before:
	MOVD R5, R6

back:
	CMP   R0, R6
	BEQ   counted
	MOVBU -1(R6), R7
	CMP   $92, R7
	BNE   counted
	SUB   $1, R6
	B     back

counted:
	SUB R6, R5, R6
	AND $1, R6
	CBZ R3, none
	BIC R6, R4, R7       // the backslashes that may escape
	ORR R7<<1, R10, R8
	SUB R7, R8, R8
	EOR R10, R8, R8      // those that do, and the bytes after runs that end with one
	ORR R6, R4, R4
	EOR R4, R8, R8       // what is escaped
	BIC R8, R3, R3
	CBZ R3, next
	RBIT R3, R3
	CLZ  R3, R3
	ADD  R3, R5, R5
	MOVD ZR, R6

none:
	SUB  R0, R5, R5
	MOVD R5, at+16(FP)
	MOVD R6, escaped+24(FP)
	RET
