#include "textflag.h"

DATA bytes<>+0(SB)/1, $'"'
DATA bytes<>+1(SB)/1, $'\\'
DATA bytes<>+2(SB)/1, $' '
DATA bytes<>+3(SB)/1, $'\n'
GLOBL bytes<>(SB), RODATA|NOPTR, $4

// SPECIAL sets the bits of mask at which the bytes of y are special.
#define SPECIAL(y, mask) \
	VPCMPEQB  Y1, y, Y5; \
	VPCMPEQB  Y2, y, Y6; \
	VPCMPGTB  y, Y3, Y7; /* signed: below a space, or above 0x7f */ \
	VPOR      Y5, Y6, Y5; \
	VPOR      Y5, Y7, Y5; \
	VPMOVMSKB Y5, mask

// func markAVX2(marks *uint64, b *byte, words int) (done int, feeds uint64)
TEXT ·markAVX2(SB), NOSPLIT, $0-40
	MOVQ         marks+0(FP), DI
	MOVQ         b+8(FP), SI
	MOVQ         words+16(FP), CX
	VPBROADCASTB bytes<>+0(SB), Y1
	VPBROADCASTB bytes<>+1(SB), Y2
	VPBROADCASTB bytes<>+2(SB), Y3
	VPBROADCASTB bytes<>+3(SB), Y4
	XORQ         AX, AX
	XORQ         BX, BX

loop:
	VMOVDQU   (SI), Y8
	VMOVDQU   32(SI), Y9
	SPECIAL(Y8, R8)
	SPECIAL(Y9, R9)
	SHLQ      $32, R9
	ORQ       R9, R8
	MOVQ      R8, (DI)(AX*8)
	INCQ      AX
	VPCMPEQB  Y4, Y8, Y8
	VPCMPEQB  Y4, Y9, Y9
	VPOR      Y8, Y9, Y10
	VPTEST    Y10, Y10
	JNZ       feed
	ADDQ      $64, SI
	CMPQ      AX, CX
	JB        loop
	JMP       done

feed:
	VPMOVMSKB Y8, BX
	VPMOVMSKB Y9, R9
	SHLQ      $32, R9
	ORQ       R9, BX

done:
	VZEROUPPER
	MOVQ AX, done+24(FP)
	MOVQ BX, feeds+32(FP)
	RET
