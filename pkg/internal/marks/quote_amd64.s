#include "textflag.h"

DATA quotes<>+0(SB)/1, $'"'
DATA quotes<>+1(SB)/1, $'\\'
GLOBL quotes<>(SB), RODATA|NOPTR, $2

// func quoteVectors(b *byte, blocks int) (at int, escaped uint64)
//
// Which bytes are escaped is computed for 64 at once: in a run of backslashes every
// second one escapes, and subtracting finds where runs end (as in simdjson).
TEXT ·quoteVectors(SB), NOSPLIT, $0-32
	MOVQ         b+0(FP), SI
	MOVQ         blocks+8(FP), CX
	SHLQ         $6, CX
	VPBROADCASTB quotes<>+0(SB), Y0
	VPBROADCASTB quotes<>+1(SB), Y1
	MOVQ         $0xaaaaaaaaaaaaaaaa, R15
	XORQ         AX, AX               // the index of the block
	XORQ         DX, DX               // 1 if its first byte is escaped

loop:
	VMOVDQU   (SI)(AX*1), Y2
	VMOVDQU   32(SI)(AX*1), Y3
	VPCMPEQB  Y0, Y2, Y4
	VPCMPEQB  Y0, Y3, Y5
	VPCMPEQB  Y1, Y2, Y2
	VPCMPEQB  Y1, Y3, Y3
	VPMOVMSKB Y4, R8
	VPMOVMSKB Y5, R9
	VPMOVMSKB Y2, R10
	VPMOVMSKB Y3, R11
	SHLQ      $32, R9
	ORQ       R9, R8               // the quotes
	SHLQ      $32, R11
	ORQ       R11, R10             // the backslashes
	MOVQ      R10, R9
	ORQ       DX, R9
	JZ        found                // nothing is escaped
	MOVQ      DX, R11
	NOTQ      R11
	ANDQ      R10, R11             // the backslashes that may escape
	MOVQ      R11, R12
	ADDQ      R12, R12
	ORQ       R15, R12
	SUBQ      R11, R12
	XORQ      R15, R12             // those that do, and the bytes after runs that end with one
	XORQ      R12, R9              // what is escaped
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
