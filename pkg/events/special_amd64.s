#include "textflag.h"

DATA bytes<>+0(SB)/1, $'"'
DATA bytes<>+1(SB)/1, $'\\'
DATA bytes<>+2(SB)/1, $' '
GLOBL bytes<>(SB), RODATA|NOPTR, $3

// func indexSpecialAVX2(p *byte, n int) int
TEXT ·indexSpecialAVX2(SB), NOSPLIT, $0-24
	MOVQ         p+0(FP), SI
	MOVQ         n+8(FP), CX
	VPBROADCASTB bytes<>+0(SB), Y1
	VPBROADCASTB bytes<>+1(SB), Y2
	VPBROADCASTB bytes<>+2(SB), Y3
	XORQ         AX, AX

loop:
	VMOVDQU   (SI)(AX*1), Y0
	VPCMPEQB  Y1, Y0, Y4
	VPCMPEQB  Y2, Y0, Y5
	VPCMPGTB  Y0, Y3, Y6 // signed: below a space, or above 0x7f
	VPOR      Y4, Y5, Y4
	VPOR      Y4, Y6, Y4
	VPMOVMSKB Y4, DX
	TESTL     DX, DX
	JNZ       found
	ADDQ      $32, AX
	CMPQ      AX, CX
	JB        loop
	VZEROUPPER
	MOVQ      AX, ret+16(FP)
	RET

found:
	BSFL DX, DX
	ADDQ DX, AX
	VZEROUPPER
	MOVQ AX, ret+16(FP)
	RET
