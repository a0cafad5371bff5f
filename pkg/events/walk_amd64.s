#include "go_asm.h"
#include "textflag.h"

// Sixteen zeros in ASCII, and the value of a nine as often.
DATA digits<>+0(SB)/8, $0x3030303030303030
DATA digits<>+8(SB)/8, $0x3030303030303030
DATA digits<>+16(SB)/8, $0x0909090909090909
DATA digits<>+24(SB)/8, $0x0909090909090909
GLOBL digits<>(SB), RODATA|NOPTR, $32

// func walkVectors(b []byte, path *separator, marks *uint64, start, end int, ends []uint32) (last *separator, n int)
//
// SI: b, R15: its length, BX: the last index with 32 bytes of its capacity after it
// DX: where the last value ended, R8: the separator before that, R9: one that may follow
// R11: the marks of b, from its first byte on, of which only those of the window are there
// R13: where the window ends
// DI: ends, R10: how many there are, R12: for how many there is room
// CX: where in a value it is; AX, DX, R14: for short
TEXT ·walkVectors(SB), NOSPLIT, $0-96
	MOVQ b_base+0(FP), SI
	MOVQ b_len+8(FP), R15
	MOVQ b_cap+16(FP), BX
	SUBQ $32, BX
	MOVQ path+24(FP), R8
	MOVQ marks+32(FP), R11
	MOVQ start+40(FP), AX
	SHRQ $3, AX
	SUBQ AX, R11
	MOVQ end+48(FP), R13
	MOVQ ends_base+56(FP), DI
	MOVQ ends_len+64(FP), R10
	MOVQ ends_cap+72(FP), R12
	MOVL -4(DI)(R10*4), DX

next:
	CMPQ    R10, R12
	JAE     done
	CMPQ    DX, BX
	JGT     done
	VMOVDQU (SI)(DX*1), Y0
	MOVQ    separator_next(R8), R9

try:
	TESTQ  R9, R9
	JZ     done
	VPXOR  separator_words(R9), Y0, Y1
	VPTEST separator_masks(R9), Y1
	JZ     follows
	MOVQ   separator_beside(R9), R9
	JMP    try

follows:
	MOVQ separator_length(R9), CX
	CMPQ CX, $32
	JA   done
	ADDQ DX, CX
	CMPB separator_isString(R9), $0
	JEQ  other

string:
	CMPQ   CX, R13
	JAE    done
	MOVQ   CX, AX
	SHRQ   $3, AX
	MOVQ   (R11)(AX*1), AX // the marks of 57 bytes at least
	MOVL   CX, DX
	ANDL   $7, DX
	SHRXQ  DX, AX, AX
	TZCNTQ AX, AX
	JCS    further
	ADDQ   AX, CX
	CMPQ   CX, R15
	JAE    done
	CMPB   (SI)(CX*1), $'"'
	JNE    escape
	INCQ   CX

ended:
	MOVQ CX, DX
	MOVL CX, (DI)(R10*4)
	INCQ R10
	MOVQ R9, R8
	JMP  next

further:
	ANDQ $~7, CX
	ADDQ $64, CX
	JMP  string

escape:
	CMPB    (SI)(CX*1), $'\\'
	JNE     done
	ADDQ    $6, CX
	CMPQ    CX, R15
	JAE     done
	MOVBLZX -5(SI)(CX*1), AX
	CMPB    AX, $'u'
	JEQ     unicode
	SUBQ    $4, CX
	CMPB    AX, $'n'
	JEQ     string
	CMPB    AX, $'"'
	JEQ     string
	CMPB    AX, $'\\'
	JEQ     string
	CMPB    AX, $'t'
	JEQ     string
	CMPB    AX, $'r'
	JEQ     string
	CMPB    AX, $'b'
	JEQ     string
	CMPB    AX, $'f'
	JEQ     string
	JMP     done

unicode:
	// Adding sets the high bits of bytes that are large enough. One above 0x7f becomes no
	// digit, whatever it carries into the next.
	MOVL  -4(SI)(CX*1), AX
	LEAL  0x50505050(AX), DX // from 0 on
	LEAL  0x46464646(AX), R14 // above 9
	ANDNL DX, R14, DX
	MOVL  AX, R14
	ORL   $0x20202020, R14
	LEAL  0x1f1f1f1f(R14), AX // from a on
	ADDL  $0x19191919, R14 // above f
	ANDNL AX, R14, AX
	ORL   DX, AX
	ANDL  $0x80808080, AX
	CMPL  AX, $0x80808080
	JNE   done
	CMPW  -4(SI)(CX*1), $0x3030
	JNE   string
	CMPB  -2(SI)(CX*1), $'7' // a character of ASCII, which may be needless
	JA    string
	CMPB  -2(SI)(CX*1), $'2'
	JB    string
	JMP   done

other:
	CMPQ      CX, BX
	JGT       done
	CMPW      (SI)(CX*1), $0x7d7b // {}
	JEQ       two
	VMOVDQU   (SI)(CX*1), X1
	VPSUBB    digits<>+0(SB), X1, X1
	VPMINUB   digits<>+16(SB), X1, X2
	VPCMPEQB  X1, X2, X1
	VPMOVMSKB X1, AX
	NOTL      AX
	TZCNTL    AX, DX // so many digits
	JZ        literal
	CMPB      (SI)(CX*1), $'0'
	JEQ       zero

integer:
	ADDQ    DX, CX
	CMPL    DX, $14
	JA      done
	CMPB    (SI)(CX*1), $'.'
	JNE     number
	INCQ    CX
	INCL    DX
	SHRXL   DX, AX, AX
	TZCNTL  AX, AX // so many after the point
	JZ      done
	ADDQ    AX, CX
	ADDL    AX, DX
	CMPL    DX, $15
	JA      done

number:
	MOVBLZX (SI)(CX*1), AX
	ORL     $0x20, AX
	CMPB    AX, $'e'
	JEQ     done

within:
	CMPQ CX, R15
	JA   done
	JMP  ended

zero:
	CMPL DX, $1
	JNE  done
	JMP  integer

two:
	ADDQ $2, CX
	JMP  within

literal:
	MOVL (SI)(CX*1), AX
	ADDQ $4, CX
	CMPL AX, $0x6c6c756e // null
	JEQ  within
	CMPL AX, $0x65757274 // true
	JEQ  within
	INCQ CX
	CMPL AX, $0x736c6166 // fals
	JNE  done
	CMPB -1(SI)(CX*1), $'e'
	JEQ  within

done:
	VZEROUPPER
	MOVQ R8, last+80(FP)
	MOVQ R10, n+88(FP)
	RET
