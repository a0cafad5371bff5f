#include "textflag.h"

DATA special<>+0(SB)/1, $'"'
DATA special<>+1(SB)/1, $'\\'
DATA special<>+2(SB)/1, $' '
DATA special<>+3(SB)/1, $'\n'
GLOBL special<>(SB), RODATA|NOPTR, $4

// func markAVX512(marks *uint64, b *byte, words int) (done int, feeds uint64)
TEXT ·markAVX512(SB), NOSPLIT, $0-40
	MOVQ         marks+0(FP), DI
	MOVQ         b+8(FP), SI
	MOVQ         words+16(FP), CX
	VPBROADCASTB special<>+0(SB), Z1
	VPBROADCASTB special<>+1(SB), Z2
	VPBROADCASTB special<>+2(SB), Z3
	VPBROADCASTB special<>+3(SB), Z4
	XORQ         AX, AX

loop:
	VMOVDQU64 (SI), Z0
	VPCMPEQB  Z1, Z0, K1
	VPCMPEQB  Z2, Z0, K2
	VPCMPB    $1, Z3, Z0, K3 // signed: below a space, or above 0x7f
	VPCMPEQB  Z4, Z0, K4
	KORQ      K1, K2, K1
	KORQ      K1, K3, K1
	KMOVQ     K1, (DI)(AX*8)
	INCQ      AX
	KORTESTQ  K4, K4
	JNZ       done
	ADDQ      $64, SI
	CMPQ      AX, CX
	JB        loop

done:
	KMOVQ K4, BX
	VZEROUPPER
	MOVQ  AX, done+24(FP)
	MOVQ  BX, feeds+32(FP)
	RET
