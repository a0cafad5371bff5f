package where_test

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"auditctl/pkg/events"
)

// A grammar makes expressions of a number: those that are compiled, and now and
// then a word that only gojq knows.
type grammar struct{ *rand.Rand }

func (g grammar) one(words ...string) string { return words[g.IntN(len(words))] }

func (g grammar) query(depth int) string {
	if depth == 0 {
		return g.leaf()
	}
	switch g.IntN(10) {
	case 0, 1:
		return g.query(depth-1) + " and " + g.query(depth-1)
	case 2, 3:
		return g.query(depth-1) + " or " + g.query(depth-1)
	case 4:
		return "(" + g.query(depth-1) + " | not)"
	case 5:
		return "(" + g.query(depth-1) + ")"
	case 6:
		return "(" + g.path() + " | " + g.query(depth-1) + ")"
	case 7:
		return "select(" + g.query(depth-1) + ")"
	case 8:
		return g.each(depth)
	default:
		return g.leaf()
	}
}

// each makes what looks at one element after the other.
func (g grammar) each(depth int) string {
	iteration := g.path() + g.one("[]", "[]?", "[]?.b", "[].b?", "[]?[0]", "[]?[]?")
	if iteration[:2] == ".[" || iteration[:1] != "." {
		iteration = ".a[]?"
	}
	switch g.IntN(6) {
	case 0:
		return iteration + g.one(" == ", " != ", " < ") + g.literal()
	case 1:
		return "(" + iteration + " | " + g.query(depth-1) + ")"
	case 2:
		return g.one("any", "all") + "(" + iteration + "; " + g.query(depth-1) + ")"
	case 3:
		return "(" + g.path() + " | " + g.one("any", "all") + "(" + g.query(depth-1) + "))"
	case 4:
		return "(" + iteration + " | select(" + g.query(depth-1) + ")" + g.one("", " | .b?", " | . == 1") + ")"
	default:
		return iteration
	}
}

func (g grammar) leaf() string {
	switch g.IntN(7) {
	case 6:
		return "(" + g.value() + g.one(" + ", " * ") + g.one(g.value(), g.literal()) + ")" + g.one(" == ", " < ") + g.literal()
	case 0, 1:
		return g.value() + g.one(" == ", " != ", " < ", " <= ", " > ", " >= ") + g.literal()
	case 2:
		return g.literal() + g.one(" == ", " != ", " < ", " <= ", " > ", " >= ") + g.value()
	case 3:
		return "(" + g.value() + " | " + g.function() + ")"
	case 4:
		return g.one(g.function(), "true", "false", "null", "empty", "(.a, .n)", "(.n | length > 1)", "not",
			"([.a, .n] | .[1] == 1)", "({a, n} | .n == .a)", "first(.a, .n)", "any(.a[]?; . == 1)", "(if .a then .n else .none end)", `("\(.a)" == "text")`)
	default:
		return g.value()
	}
}

func (g grammar) value() string {
	if g.IntN(4) == 0 {
		return "(" + g.path() + " // " + g.literal() + ")"
	}
	return g.path()
}

func (g grammar) path() string {
	path := g.one(".a", ".n", ".event_type", ".metadata", ".none", `.["a"]`, `."n"`, ".a?", ".a[0]", ".n[-1]", ".a[1].b", ".[0]?", ".")
	for path != "." && g.IntN(3) == 0 {
		path += g.one(".b", ".c", `["b"]`, ".region", ".b?", ".c?", "[0]", "[1]", "[-1]", "[-2]?", "[0]?", "[0.9]", "[1][0]", "[2:]")
	}
	return path
}

func (g grammar) literal() string {
	return g.one(`"text"`, `"x"`, `""`, `"\ud83d\ude00"`, `"\ufffd"`, "null", "true", "false", "0", "-0", "1", "-1", "1.0", "0.1", "1e2", "1e400", "-1e400",
		"9007199254740993", "9007199254740993.0", "18446744073709551616", "-18446744073709551617", "9223372036854775807", "-9223372036854775808", "(1)")
}

func (g grammar) function() string {
	return g.one(`test("t")`, `test("^T"; "i")`, `test(".e"; "m")`, `startswith("te")`, `endswith("t")`, `contains("ex")`, `has("b")`, `has("a")`, "not",
		"IN("+g.literal()+", "+g.literal()+")", "type == "+g.one(g.literal(), `"array"`, `"null"`), "tostring", "length > 1", "length == "+g.literal(), "length?", `ascii_downcase == "text"`, "ascii_downcase?", "any", "all",
		"(type | length == 6)")
}

// FuzzAgreesWithGojq holds expressions of the grammar against gojq, on events
// made of any value.
func FuzzAgreesWithGojq(f *testing.F) {
	for i, line := range lines(f) {
		f.Add(uint64(i), line)
	}
	subjects := map[string]subject{}
	var s events.Scanner
	f.Fuzz(func(t *testing.T, seed uint64, line []byte) {
		if s.Scan(line) != nil {
			return
		}
		var key [32]byte
		binary.LittleEndian.PutUint64(key[:], seed)
		g := grammar{rand.New(rand.NewChaCha8(key))}
		text := g.query(g.IntN(4))
		sub, ok := subjects[text]
		if !ok {
			sub = subjectOf(t, text)
			if len(subjects) == 1000 {
				clear(subjects)
			}
			subjects[text] = sub
		}
		sub.agree(t, text, &s)
	})
}
