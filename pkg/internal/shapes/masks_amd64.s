#include "textflag.h"

// The kinds that bytes with a low half may be of, and those with a high half.
DATA lows<>+0(SB)/8, $0x3131313131313125
DATA lows<>+8(SB)/8, $0xd41c941090323535
GLOBL lows<>(SB), RODATA|NOPTR, $16
DATA highs<>+0(SB)/8, $0x20106010038c0000
DATA highs<>+8(SB)/8, $0x0000000000000000
GLOBL highs<>(SB), RODATA|NOPTR, $16
DATA bytes<>+0(SB)/1, $0x0f
DATA bytes<>+1(SB)/1, $0xf1 // the kinds of base64
GLOBL bytes<>(SB), RODATA|NOPTR, $2

// KINDS replaces the bytes of y by their kinds.
#define KINDS(y) \
	VPSRLW  $4, y, Y4; \
	VPAND   Y2, y, y; \
	VPAND   Y2, Y4, Y4; \
	VPSHUFB y, Y0, y; \
	VPSHUFB Y4, Y1, Y4; \
	VPAND   Y4, y, y

// STORE stores in a mask which bytes of Y8 and Y9 have the bit that n moves up to the highest.
#define STORE(n, at) \
	VPSLLW    n, Y8, Y4; \
	VPSLLW    n, Y9, Y5; \
	VPMOVMSKB Y4, AX; \
	VPMOVMSKB Y5, BX; \
	SHLQ      $32, BX; \
	ORQ       BX, AX; \
	MOVQ      AX, at(DI)

// func maskVectors(m *masks, b *byte)
TEXT ·maskVectors(SB), NOSPLIT, $0-16
	MOVQ           m+0(FP), DI
	MOVQ           b+8(FP), SI
	VBROADCASTI128 lows<>(SB), Y0
	VBROADCASTI128 highs<>(SB), Y1
	VPBROADCASTB   bytes<>+0(SB), Y2
	VPBROADCASTB   bytes<>+1(SB), Y3
	VMOVDQU        (SI), Y8
	VMOVDQU        32(SI), Y9
	KINDS(Y8)
	KINDS(Y9)
	STORE($7, 0)
	STORE($5, 8)
	STORE($4, 16)
	STORE($6, 24)
	VPXOR          Y6, Y6, Y6
	VPAND          Y3, Y8, Y8
	VPAND          Y3, Y9, Y9
	VPCMPEQB       Y6, Y8, Y8
	VPCMPEQB       Y6, Y9, Y9
	VPMOVMSKB      Y8, AX
	VPMOVMSKB      Y9, BX
	SHLQ           $32, BX
	ORQ            BX, AX
	NOTQ           AX
	MOVQ           AX, 32(DI)
	VZEROUPPER
	RET
