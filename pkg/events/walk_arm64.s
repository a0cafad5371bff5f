#include "go_asm.h"
#include "textflag.h"

// What Go's assembler has no name for: d gets four bits for each byte of n, a mask. They are
// numbers of registers.
#define SHRN4(n, d) WORD $(0x0f0c8400 | (n)<<5 | (d))

// func walkVectors(b []byte, path *separator, marks *uint64, start, end int, ends []uint32) (last *separator, n int)
//
// R0: b, R1: its length, R2: the last index with 32 bytes of its capacity after it
// R3: where the last value ended, R4: the separator before that, R5: one that may follow
// R6: the marks of b, from its first byte on, of which only those of the window are there
// R7: where the window ends
// R8: ends, R9: how many there are, R10: for how many there is room
// R11: where in a value it is; R12 to R17: for short
TEXT ·walkVectors(SB), NOSPLIT, $0-96
	MOVD  b_base+0(FP), R0
	MOVD  b_len+8(FP), R1
	MOVD  b_cap+16(FP), R2
	SUB   $32, R2
	MOVD  path+24(FP), R4
	MOVD  marks+32(FP), R6
	MOVD  start+40(FP), R12
	SUB   R12>>3, R6, R6
	MOVD  end+48(FP), R7
	MOVD  ends_base+56(FP), R8
	MOVD  ends_len+64(FP), R9
	MOVD  ends_cap+72(FP), R10
	ADD   R9<<2, R8, R12
	MOVWU -4(R12), R3
	VMOVI $48, V16.B16               // '0'
	VMOVI $9, V17.B16

next:
	CMP   R10, R9
	BHS   done
	CMP   R2, R3
	BGT   done
	ADD   R3, R0, R12
	FLDPQ (R12), (F0, F1)
	MOVD  separator_next(R4), R5

try:
	CBZ   R5, done
	FLDPQ separator_words(R5), (F2, F3)
	FLDPQ separator_masks(R5), (F4, F5)
	VEOR  V0.B16, V2.B16, V2.B16
	VEOR  V1.B16, V3.B16, V3.B16
	VAND  V4.B16, V2.B16, V2.B16
	VAND  V5.B16, V3.B16, V3.B16
	VORR  V3.B16, V2.B16, V2.B16
	FMOVD F2, R12
	VMOV  V2.D[1], R13
	ORR   R13, R12, R12
	CBZ   R12, follows
	MOVD  separator_beside(R5), R5
	B     try

follows:
	MOVD  separator_length(R5), R11
	CMP   $32, R11
	BHI   done
	ADD   R3, R11, R11
	MOVBU separator_isString(R5), R12
	CBZ   R12, other

string:
	CMP   R7, R11
	BHS   done
	LSR   $3, R11, R12
	MOVD  (R6)(R12), R12 // the marks of 57 bytes at least
	AND   $7, R11, R13
	LSR   R13, R12, R12
	CBZ   R12, further
	RBIT  R12, R12
	CLZ   R12, R12
	ADD   R12, R11, R11
	CMP   R1, R11
	BHS   done
	MOVBU (R0)(R11), R12
	CMP   $34, R12 // '"'
	BNE   escape
	ADD   $1, R11

ended:
	MOVD R11, R3
	MOVW R11, (R8)(R9<<2)
	ADD  $1, R9
	MOVD R5, R4
	B    next

further:
	AND $~7, R11
	ADD $64, R11
	B   string

escape:
	CMP   $92, R12    // '\\'
	BNE   done
	ADD   $6, R11
	CMP   R1, R11
	BHS   done
	ADD   R0, R11, R13
	MOVBU -5(R13), R12
	CMP   $117, R12   // 'u'
	BEQ   unicode
	SUB   $4, R11
	CMP   $110, R12   // 'n'
	BEQ   string
	CMP   $34, R12    // '"'
	BEQ   string
	CMP   $92, R12    // '\\'
	BEQ   string
	CMP   $116, R12   // 't'
	BEQ   string
	CMP   $114, R12   // 'r'
	BEQ   string
	CMP   $98, R12    // 'b'
	BEQ   string
	CMP   $102, R12   // 'f'
	BEQ   string
	B     done

unicode:
	// Adding sets the high bits of bytes that are large enough. One above 0x7f becomes no
	// digit, whatever it carries into the next.
	MOVWU -4(R13), R14
	ADDW  $0x50505050, R14, R15 // from 0 on
	ADDW  $0x46464646, R14, R16 // above 9
	BICW  R16, R15, R15
	ORRW  $0x20202020, R14, R14
	ADDW  $0x1f1f1f1f, R14, R16 // from a on
	ADDW  $0x19191919, R14, R14 // above f
	BICW  R14, R16, R16
	ORRW  R16, R15, R15
	MVNW  R15, R15
	TSTW  $0x80808080, R15
	BNE   done
	MOVHU -4(R13), R12
	MOVD  $0x3030, R14
	CMP   R14, R12
	BNE   string
	MOVBU -2(R13), R12
	CMP   $55, R12              // '7': a character of ASCII, which may be needless
	BHI   string
	CMP   $50, R12              // '2'
	BLO   string
	B     done

other:
	CMP   R2, R11
	BGT   done
	ADD   R0, R11, R13
	MOVHU (R13), R12
	MOVD  $0x7d7b, R14
	CMP   R14, R12
	BEQ   two                      // {}
	FMOVQ (R13), F2
	VSUB  V16.B16, V2.B16, V2.B16
	VUMIN V17.B16, V2.B16, V3.B16
	VCMEQ V2.B16, V3.B16, V2.B16
	SHRN4(2, 2)
	FMOVD F2, R12
	MVN   R12, R12
	RBIT  R12, R14
	CLZ   R14, R14
	LSR   $2, R14, R14             // so many digits
	CBZ   R14, literal
	MOVBU (R13), R15
	CMP   $48, R15
	BEQ   zero

integer:
	ADD   R14, R11, R11
	CMP   $14, R14
	BHI   done
	MOVBU (R0)(R11), R15
	CMP   $46, R15       // '.'
	BNE   number
	ADD   $1, R11
	ADD   $1, R14
	LSL   $2, R14, R15
	LSR   R15, R12, R12
	RBIT  R12, R12
	CLZ   R12, R12
	LSR   $2, R12, R12   // so many after the point
	CBZ   R12, done
	ADD   R12, R11, R11
	ADD   R12, R14, R14
	CMP   $15, R14
	BHI   done

number:
	MOVBU (R0)(R11), R12
	ORR   $0x20, R12
	CMP   $101, R12      // 'e'
	BEQ   done

within:
	CMP R1, R11
	BHI done
	B   ended

zero:
	CMP $1, R14
	BNE done
	B   integer

two:
	ADD $2, R11
	B   within

literal:
	MOVWU (R13), R12
	ADD   $4, R11
	MOVD  $0x6c6c756e, R14 // null
	CMP   R14, R12
	BEQ   within
	MOVD  $0x65757274, R14 // true
	CMP   R14, R12
	BEQ   within
	ADD   $1, R11
	MOVD  $0x736c6166, R14 // fals
	CMP   R14, R12
	BNE   done
	MOVBU 4(R13), R12
	CMP   $101, R12        // 'e'
	BEQ   within

done:
	MOVD R4, last+80(FP)
	MOVD R9, n+88(FP)
	RET
