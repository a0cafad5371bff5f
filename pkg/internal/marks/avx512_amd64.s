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

// func quoteAVX512(b *byte, blocks int) (at int, escaped uint64)
//
// It is quoteAVX2 with masks for what that gathers.
TEXT ·quoteAVX512(SB), NOSPLIT, $0-32
	MOVQ         b+0(FP), SI
	MOVQ         blocks+8(FP), CX
	SHLQ         $6, CX
	VPBROADCASTB special<>+0(SB), Z0
	VPBROADCASTB special<>+1(SB), Z1
	MOVQ         $0xaaaaaaaaaaaaaaaa, R15
	XORQ         AX, AX                    // the index of the block
	XORQ         DX, DX                    // 1 if its first byte is escaped

loop:
	VMOVDQU64 (SI)(AX*1), Z2
	VPCMPEQB  Z0, Z2, K1
	VPCMPEQB  Z1, Z2, K2
	KMOVQ     K1, R8         // the quotes
	KMOVQ     K2, R10        // the backslashes
	MOVQ      R10, R9
	ORQ       DX, R9
	JZ        found          // nothing is escaped
	MOVQ      DX, R11
	NOTQ      R11
	ANDQ      R10, R11       // the backslashes that may escape
	MOVQ      R11, R12
	ADDQ      R12, R12
	ORQ       R15, R12
	SUBQ      R11, R12
	XORQ      R15, R12       // those that do, and the bytes after runs that end with one
	XORQ      R12, R9        // what is escaped
	ANDQ      R12, R10
	SHRQ      $63, R10
	MOVQ      R10, DX
	NOTQ      R9
	ANDQ      R9, R8

found:
	TESTQ R8, R8
	JNZ   done
	ADDQ  $64, AX
	CMPQ  AX, CX
	JB    loop
	VZEROUPPER
	MOVQ  AX, at+16(FP)
	MOVQ  DX, escaped+24(FP)
	RET

done:
	BSFQ R8, R8
	ADDQ R8, AX
	VZEROUPPER
	MOVQ AX, at+16(FP)
	MOVQ $0, escaped+24(FP)
	RET
