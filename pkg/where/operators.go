package where

import (
	"encoding/json"
	"math"
	"runtime"
	"strconv"
	"strings"
	"sync"

	"github.com/itchyny/gojq"
)

// An operator is + or *. It does what gojq's does, but where that copies a large
// string or array in one go, the operator copies it in pieces: a copy cannot be
// interrupted, and while the garbage collector waits for its end, everything does, a
// watch of the memory as well.
type operator struct {
	copied  func(l, r any) any // the result for strings and arrays; nil: gojq knows it
	numbers func(l, r float64) float64
	gojq    func() *gojq.Code // the operator between $l and $r
}

// plusName and timesName are names that no expression can spell.
const plusName, timesName = "%plus", "%times"

var (
	plus  = operator{concatenated, func(l, r float64) float64 { return l + r }, between("+")}
	times = operator{repeated, func(l, r float64) float64 { return l * r }, between("*")}
)

func between(symbol string) func() *gojq.Code {
	return sync.OnceValue(func() *gojq.Code {
		query, err := gojq.Parse("$l " + symbol + " $r")
		if err != nil {
			panic(err)
		}
		code, err := gojq.Compile(query, gojq.WithVariables([]string{"$l", "$r"}))
		if err != nil {
			panic(err)
		}
		return code
	})
}

// function is the operator as a function of gojq.
func (o *operator) function(_ any, args []any) any {
	l, r := args[0], args[1]
	if v := o.copied(l, r); v != nil {
		return v
	}
	if v := o.simple(l, r); v != nil {
		return v
	}
	v, _ := o.gojq().Run(nil, l, r).Next()
	return v
}

// simple returns the result for numbers, nil where gojq must know it: for all others,
// and for integers that are large.
func (o *operator) simple(l, r any) any {
	left, leftInt, ok := number(l)
	if !ok {
		return nil
	}
	right, rightInt, ok := number(r)
	switch {
	case !ok:
		return nil
	case !leftInt || !rightInt:
		return o.numbers(left, right)
	case max(math.Abs(left), math.Abs(right)) < 1<<26: // their product is exact
		return int(o.numbers(left, right))
	}
	return nil
}

// number returns a number of gojq, and whether it is an integer; not ok if it is none
// or one that is larger than an int.
func number(v any) (f float64, integer, ok bool) {
	switch v := v.(type) {
	case int:
		return float64(v), true, true
	case float64:
		return v, false, true
	case json.Number:
		if i, err := strconv.Atoi(string(v)); err == nil {
			return float64(i), true, true
		}
		f, err := strconv.ParseFloat(string(v), 64)
		return f, false, err == nil && strings.ContainsAny(string(v), ".eE")
	}
	return 0, false, false
}

// concatenated returns l + r if they are strings or arrays, nil if not.
func concatenated(l, r any) any {
	switch l := l.(type) {
	case string:
		if r, ok := r.(string); ok {
			return repeat(1, l, r)
		}
	case []any:
		r, ok := r.([]any)
		switch {
		case !ok:
			return nil
		case len(l) == 0:
			return r
		case len(r) == 0:
			return l
		}
		v := make([]any, len(l)+len(r))
		fill(v, l)
		fill(v[len(l):], r)
		return v
	}
	return nil
}

// repeated returns l * r if it is a large string times a number, nil if not.
func repeated(l, r any) any {
	s, ok := l.(string)
	if !ok {
		s, ok = r.(string)
		r = l
	}
	n, _, isNumber := number(r)
	if !ok || !isNumber || len(s) < piece || !(n >= 2 && n*float64(len(s)) < math.MaxInt32) {
		return nil // gojq returns an error if it would be too large
	}
	return repeat(int(n), s)
}

// piece is how many bytes are copied in one go, and 16 times as many as values.
const piece = 1 << 18

// repeat returns the texts so many times.
func repeat(n int, texts ...string) string {
	size := 0
	for _, text := range texts {
		size += len(text)
	}
	var b strings.Builder
	b.Grow(n * size)
	for range n {
		for _, text := range texts {
			for len(text) > piece {
				b.WriteString(text[:piece])
				text = text[piece:]
				runtime.Gosched()
			}
			b.WriteString(text)
		}
	}
	return b.String()
}

func fill(dst, src []any) {
	for len(src) > piece/16 {
		n := copy(dst, src[:piece/16])
		dst, src = dst[n:], src[n:]
		runtime.Gosched()
	}
	copy(dst, src)
}
