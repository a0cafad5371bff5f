package where_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"auditctl/pkg/events"
	"auditctl/pkg/where"
)

// compiled are expressions that are looked up in the bytes, without gojq.
var compiled = []string{
	// Comparisons, with every kind of literal and on either side.
	`.event_type == "x"`, `"x" == .event_type`, `.event_type != "x"`, `.a == "text"`, `.a != "text"`,
	`.a < "text"`, `.a <= "text"`, `.a > "text"`, `.a >= "text"`, `"t" < .a`, `"text" <= .a`, `"u" > .a`, `"text" >= .a`,
	`.n == 1`, `.n != 1`, `.n < 1`, `.n <= 1`, `.n > 1`, `.n >= 1`, `1 < .n`, `1 <= .n`, `1 > .n`, `1 >= .n`,
	`.n == 1.0`, `.n == -0`, `.n == 0`, `.n == 0.0`, `.n > -1`, `.n == +1`, `.n == 100`, `.n == 1e5`, `.n < -5`, `.n >= 0.1`,
	`.n == 9007199254740993`, `.n == 9007199254740992`, `.n > 9007199254740992`, `.n == 9007199254740993.0`,
	`.n == 18446744073709551616`, `.n > 18446744073709551616`, `.n < -18446744073709551616`, `.n >= 9223372036854775807`,
	`.n == -9223372036854775808`, `.n <= -9223372036854775809`, `.n == 1e400`, `.a == 1e1000`, `.n == -1e400`, `.a > 1e300`,
	`.a == 0.1`, `.a == 1e-400`, `.a == null`, `.a != null`, `null == .a`, `.a == true`, `.a == false`, `.t >= true`, `.a > false`,
	`.a == "\ud83d\ude00 \" \\ \n"`, `.a == "😀"`, `.a == "\ufffd"`, `.a > "\ud800"`, `.a == ("text")`, `(.a) == "text"`,
	`. == 1`, `. != null`, `. > "x"`,

	// Paths.
	`.a`, `.a.b`, `.a.b.c`, `.a["b"]`, `.["a"]`, `."a"`, `.a."b"`, `.["a"]["b"].c`, `.a?`, `.a.b?`, `.a?.b`, `.a?.b?`, `.a.b?.c?`, `.`,
	`.a.b == "x"`, `.a.b? == "x"`, `.a.b?.c? == "last"`, `(.a.b) == null`, `.metadata.region == "eu-west"`, `.["a b"]`, `.none.b.c == null`,
	`.a | .b`, `.a | .b == "x"`, `.a | .b | .c`, `.a | (.b? | .c) == null`, `.a.b | . == "x"`, `(.a | .b) | not`,

	// Words that join.
	`.a and .n`, `.a or .n`, `.a | not`, `(.a and .n) | not`, `(.a == "text") | not`, `not`, `.a | not | not`,
	`.a == "text" and .n == 1`, `.a == "text" or .n == 1`, `.a.b and .n`, `.n and .a.b`, `.a.b or .n`, `.n or .a.b`,
	`.a.b? and .n`, `.n and .a.b?`, `.a.b? or .n`, `.n or .a.b?`, `.a.b? | not`, `(.a.b == 1) | not`, `(.a.b? == 1) | not`,
	`.a == "text" and (.n == 1 or .n == 0)`, `.a | (. == "text" or . == null)`, `.a | .b == "x" and .c == null`,
	`true`, `false`, `null`, `true and .a`, `.a or true`, `.a.b | true`, `.a.b? | false`, `(null | not) and .a`, `.a.b | null`,

	// Functions.
	`.a | test("^t")`, `.a | test("T"; "i")`, `.a | test("t.x")`, `.n | test("t.l"; "im")`, `.n | test("t.line"; "gim")`, `.n | test("t$")`, `.a | test("")`,
	`.a | startswith("te")`, `.a | endswith("xt")`, `.a | contains("ex")`, `.a | startswith("")`, `.a | startswith("\ud83d\ude00")`,
	`.a.b | startswith("x")`, `.a.b? | startswith("x")`, `startswith("x")`, `test("x")`, `.a | (startswith("t") and endswith("t"))`,
	`.event_type | startswith("tool_") and endswith("complete")`, `.a | startswith("t") | not`,
	`.a | IN("text", "x")`, `.event_type | IN("x")`, `.n | IN(1, 2, 18446744073709551616, null)`, `.a | IN(null, true)`, `.a.b | IN("x")`, `IN("x")`,
	`.a | IN("text", ("x"))`, `.a.b? | IN(null, "x")`,
	`has("a")`, `has("none")`, `.a | has("b")`, `.a.b? | has("c")`, `.a.b | has("c")`, `has("a") and (.a | has("b"))`, `has("a") | not`,
	`select(.a)`, `select(.a == "text")`, `select(.a.b)`, `select(.n == 1 and .a)`, `select(.a) | not`, `select(false)`,

	// Alternatives.
	`(.a // "none") == "none"`, `.a // false`, `.a // "x" | startswith("x")`, `(.a // "x") | startswith("x")`,
	`(.a.b // 5) > 4`, `(.n // -1) < 5`, `.a | (. // "text") == "text"`, `(.a? // "") | endswith("t")`, `.a.b? | (. // 1) == 1`,
	`(.n // 18446744073709551616) == 18446744073709551616`, `(.n // 9007199254740993.0) == 9007199254740993`, `.a // null`, `(.a // 0.1) == 0.1`, `((.a // false) // "x") == "x"`, `. | .a`, `.a?//"x"|.=="x"`,
}

// ofElements are others, for events with arrays.
var ofElements = []string{
	// Elements.
	`.a[0] == "b"`, `.a[0]`, `.a[-1]?`, `.a[1]`, `.a[-1] == 3`, `.a[-4]`, `.a[1.5] == 2`, `.a[-0.5]`, `.a[1e400]`, `.a[0]?.b?`, `.a[0].b == "x"`, `.["a"][1].b[-1]?`,
	`.a.b[1].c == 2`, `.a.b?[0] == 1`, `.a[0] | .b`, `.a | .[0] == "b"`, `.a[0]["b"]`, `.[0]`, `.[0]?`, `(.a[0] // "x") == "b"`, `.a[18446744073709551616] == null`,
	`.n[0][0] | not`, `.none[0].b == null`, `.a[(0)] | startswith("b")`,

	// Elements, one after the other.
	`.a[]`, `.a[]?`, `.a[] == "b"`, `"b" == .a[]`, `.a | .[]? == "b"`, `.a[]?.b == "x"`, `.a[].b`, `.a[]? | .b?`, `.a[].b | . == "x"`, `(.a[]) == 2`, `.a[]?.b[]? == "c"`, `.a[]? | not`, `any(.a[]? == 2; not)`, `(.a[]? == 2) | not`, `.none[]`,
	`.a[]? | startswith("b")`, `.a[]? | (.b? == "x" or . == 2)`, `.a[]? | select(.b == "x")`, `.a[]? | select(.b? == "x") | .b`, `.a[0][]?`, `.n[][]?`, `.event_type == "x" and .a[]? == "b"`,
	`any(.a[]?; . == "b")`, `all(.a[]?; . == "b")`, `any(.a[]; .b)`, `all(.a[]; .b)`, `.a | any(. == 2)`, `.a | all(. == 2)`, `.a | any`, `.a | all`, `.a? | all(.b? == "x")`,
	`any(.a[]?.b?; . == "x")`, `any(.a[]? | .b?; . == "x" or . == null) | not`, `all(.a[0][]?; .)`, `any(.none[]?; .)`, `all(.a.b?[]?; .)`, `any(.a.b[]; .)`, `select(.a[]? == 2)`, `select(any(.a[]?; . == 2))`,
	`.a | select(. == "text")`, `.a | select(. != "x") | . == "text"`, `select(.a) | .n == 1`,

	// What is made of values.
	`.a | type == "string"`, `.a[0]? | type`, `(.a | type) == "object"`, `type == "object"`, `.a | type | length == 5`, `.a | (type == "string" and . == "text")`, `.n | type | IN("null", "array")`,
	`.a | length > 1`, `.a | length`, `.n | length == 1`, `.a[0]? | length == 1`, `.a | length? == 4`, `.metadata | length > 0`, `.a | ascii_downcase? == "text"`, `.n | ascii_downcase? | contains("line")`,
}

// ofMembers are others that allocate: the order of an object's members is another one in
// gojq than in the line.
var ofMembers = []string{`.[]?`, `.[] == "text"`, `any`, `all`, `any(. == 1)`, `length > 3`, `.metadata[] == "eu-west"`}

// partly are expressions whose beginning is, and others that gojq runs.
var partly = []string{
	`.a == "text" and (.n | tostring) == "1"`, `.a or (.n | tostring) > 0`, `.a and .n and (.a | tostring) == 4`, `(.a and ((.n | tostring) > 0 or .a)) and .n`, `.a[] == .n[]`, `any(.a[]?; .[]?)`, `all(.a[]?[]?; .)`, `[.a[]?] | length == 2`,
	`any(.a, .n; . == 1)`, `.a[]? and .n`, `.a[] as $x | $x == 1`, `def any(f; g): f; any(.a; .n)`, `def length: 5; .a | length == 5`, `.a == "text" and (.n, .a)`,
	`.a and (.n | tostring | length > 2) and .n`, `(.a and .n) or (.n | not | tostring == "true")`, `.a.b and (.n, 1)`, `.a.b? or (.n, 1)`, `.a and (.n // (1, 2))`,
	`.n or .a or (.a.b, .n)`, `.t or (empty or .n)`,
	`.a == .n`, `.n + 1 > 2`, `.n * 2 == 2`, `[.a, .n] | length == 2`, `.a, .n`, `.n, error("x")`, `error("x"), .n`,
	`.a[0:1]`, `..`, `.. == "x"`, `any(.. ; . == 1)`,
	`empty`, `try .a.b catch false`, `.a.b?.c // "x"`, `.a.b? // "x"`, `.a.b? // .n`, `(.a // empty) == "text"`, `.a.b // error("x")`, `(.n // 1e400) < 5`,
	`if .a then .n else .a end`, `if .a then true end`, `. as $e | $e.a`, `. as {a: $x} | $x`, `. as {$a} | $a == "text"`, `.a as $x | .n == $x`, `.a as [$x] | $x`,
	`{a: .a, n} | .n == 1`, `{a} | .a`, `{"a": .n} | .a == 1`, `{"x": 1} | .x == 1`, `{(.event_type): 1} | has("x")`, `"\(.a)" == "text"`, `@json "\(.a)" == "1"`, `@text | length > 50`,
	`def f: .a; f`, `def f(x): x | .b?; f(.a)`, `(def select(f): f | not; select(.a))`, `def startswith(x): true; .a | startswith("b")`,
	`reduce .a[]? as $x (0; . + 1) | . > 0`, `foreach (.a, .n) as $x (0; 1; $x)`, `label $out | .a, break $out`, `first(.a, .n)`, `last(.a, .n)`, `isempty(.a[]?)`, `limit(1; .a, .n)`,
	`IN(.a; "text", "x")`, `IN(.a.b?; null)`, `.a | IN(.n)`, `.a | inside("context")`, `has(.a)`, `.a | has(0)`, `.a | test(["T", "i"])`, `.a | test("t"; null)`, `.a | test("T"; "x")`,
	`.a | test("(" + "?")`, `.a | startswith(1)`, `.a = 1 | .a`, `.a |= not | .a`, `.n += 1 | .n > 5`, `del(.a) | has("a")`, `keys | length > 2`, `to_entries | length > 2`, `map_values(1) | .a == 1`,
	`select(.a) | keys | length > 2`, `[select(.a)] | length == 1`, `.a // "x" // "y"`, `(.a)?`, `.a.b??`, `.[.event_type]`, `.["a"][.n]?`, `-.n < 0`, `-1 < -.n`,
	`.n | tojson == "1.0"`, `.a | .b?, true`, `halt`, `"x" | halt_error`, `$ENV | length == 0`, `env.PATH`, `[limit(3; repeat(1))] == [1,1,1]`, `now > 0 and .a`, `try error(.a) catch . == "text"`,
	`[.a] | .[0] += "x" | .[0] == "textx"`, `[.n] | .[] *= 2 | .[0] == 2`, `[.a, .n] | .[1] += .[0] | .[1] == 2`,
	`path(.a + null) == ["a"]`, `[path(.a, .n | . * 1)]`, `def f: 1; f + f == 2`, `.n as $n | [1, 2] | (.[] += $n) == [2, 3]`, `(.n, 1) + (1, .n) == 2`, `try (.a + .n) catch . == "x"`,
	`@base64 "\(.a)/\(.n)" == "dGV4dA==/MQ=="`, `def tostring: "x"; "\(.a)\(.n)" == "xx"`, `"a\(.a)b\("c\(.n)")" | length > 8`, `{"\(.event_type)s": 1} | has("xs")`, `"\(.a, .n)\(1, 2)"[0:1] == "t"`,
	`.a as $x | [$x, .n] | .[1] == 1`, `..|.b?`, `.a | splits("e")`, `[.a, .n] == ["text", 0]`, `"a" == "a"`, `1 < 2 and .a`,
}

// What is compiled, what is half compiled and what gojq runs: all of it says
// what gojq alone says, of every event.
func TestAgreesWithGojq(t *testing.T) {
	lines := lines(t)
	for _, text := range slices.Concat(compiled, ofElements, ofMembers, partly) {
		t.Run(text, func(t *testing.T) {
			sub := subjectOf(t, text)
			var s events.Scanner
			for _, line := range lines {
				if err := s.Scan(line); err != nil {
					t.Fatal(err)
				}
				sub.agree(t, text, &s)
			}
		})
	}
}

// What is joined may not be larger than a bound, whatever joins it.
func TestMaxValue(t *testing.T) {
	s := scan(t, `{"event_type": "a"}`)
	for _, text := range []string{
		`"aaaa" | until(false; . + .)`, `"aaaa" | until(false; "\(.)\(.)")`, `"aaaa" | until(false; . * 2)`, `"aaaa" | until(false; 2 * .)`,
		`[1] | until(false; . + .)`, `["aa"] | until(false; .[0] += .[0])`, `"aaaa" | until(false; @text "\(.)-\(.)")`,
	} {
		expr, err := where.Parse(text, where.MaxValue(1000))
		if err != nil {
			t.Fatal(err)
		}
		if err := expr.Failure(t.Context(), s); !errors.Is(err, where.ErrTooLarge) {
			t.Errorf("%s: %v", text, err)
		}
	}
	for _, text := range []string{`"x" * 1000 | . + . | length == 2000`, `[range(62)] | . + . | length == 124`, `"x" * 1000 | "\(.)\(.)" | length == 2000`} {
		expr, err := where.Parse(text, where.MaxValue(1000))
		if err != nil {
			t.Fatal(err)
		}
		if wanted, err := expr.Eval(t.Context(), s); !wanted {
			t.Errorf("%s: not wanted: %v, %v", text, err, expr.Failure(t.Context(), s))
		}
	}
}

// The bound on what is joined takes nothing from expressions that join often.
func TestMaxValueAllocatesNothing(t *testing.T) {
	const text = `reduce range(1000) as $i (0; . + 1)`
	s := scan(t, `{"event_type": "a"}`)
	sub := subjectOf(t, text)
	input := decoded(t, s.Line())
	plain := testing.AllocsPerRun(10, func() { sub.code.Run(input).Next() })
	if n := testing.AllocsPerRun(10, func() { sub.expr.Eval(t.Context(), s) }); n > plain+100 {
		t.Errorf("%s: %v allocations, %v by gojq itself", text, n, plain)
	}
}

// What is compiled allocates nothing, which gojq cannot do.
func TestCompiledAllocatesNothing(t *testing.T) {
	for _, test := range []struct {
		line  string
		texts []string
	}{
		{`{"event_type": "tool_call_complete", "a": {"b": "x"}, "n": 873.936, "metadata": {"region": "eu-west"}}`, compiled},
		{`{"event_type": "tool_call_complete", "a": ["b", {"b": ["x"]}, ["c"], 2], "n": [["t"], null]}`, ofElements},
	} {
		s := scan(t, test.line)
		for _, text := range test.texts {
			expr, err := where.Parse(text)
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			ctx := t.Context()
			if n := testing.AllocsPerRun(10, func() { expr.Eval(ctx, s) }); n != 0 || !expr.Native() {
				t.Errorf("%s: native %v, %v allocations", text, expr.Native(), n)
			}
		}
	}
	for _, text := range partly {
		if expr, err := where.Parse(text); err != nil || expr.Native() {
			t.Errorf("%s: native, or %v", text, err)
		}
	}
}

// The part of a chain that needs gojq is run only where it decides.
func TestCompiledBeginning(t *testing.T) {
	s := scan(t, `{"event_type": "x", "n": 1}`)
	for _, text := range []string{
		`.event_type == "y" and (.n | tostring) == "1"`,
		`.event_type == "x" or (.n | tostring) == "1"`,
		`.n == 1 and .event_type == "y" and (.n | tostring) == "1" and .n`,
		`.n == 2 and (.event_type == "x" or (.n | tostring) == "1") and .n`,
		`(.n == 2 and (.n | tostring) == "1")`,
	} {
		expr, err := where.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		ctx := t.Context()
		if n := testing.AllocsPerRun(10, func() { expr.Eval(ctx, s) }); n != 0 {
			t.Errorf("%s: %v allocations", text, n)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{``, `missing query (try ".")`},
		{`# a comment`, `missing query (try ".")`},
		{`.a == == 1`, `column 7: unexpected token "=="`},
		{`.event_type == "x" and and`, `column 24: unexpected token "and"`},
		{`"é" = = 1`, `column 8: unexpected token "="`},
		{`.a ==`, `column 6: unexpected EOF`},
		{`.a == "x`, `column 9: unterminated string literal`},
		{`.a == 'x'`, `column 7: unexpected token "'"`},
		{`.a == "\q"`, `column 8: invalid escape sequence "\q" in string literal`},
		{".a == \"\xff\"", `not valid UTF-8`},
		{`.a | frobnicate(1)`, `function not defined: frobnicate/1`},
		{`.a == $x`, `variable not defined: $x`},
		{`.a | test("(")`, "test: error parsing regexp: missing closing ): `(`"},
		{`.n == 1 and (.a | test("["; "i")) and (.a | length > 2)`, "test: error parsing regexp: missing closing ]: `[`"},

		// An assignment is no condition.
		{`.a = "x"`, `.a = "x" assigns, and so it is true of every event: compare with ==`},
		{`.a |= 1`, `.a |= 1 assigns, and so it is true of every event: compare with ==`},
		{`.a.b += 1`, `.a.b += 1 assigns, and so it is true of every event: compare with ==`},
		{`.a //= 1`, `.a //= 1 assigns, and so it is true of every event: compare with ==`},
		{`.n == 1 and .a = 1`, `.n == 1 and .a = 1 assigns, and so it is true of every event: compare with ==`},
		{`.n == 1 and (.a = 1)`, `.a = 1 assigns, and so it is true of every event: compare with ==`},
		{`(.a = 1) or .n`, `.a = 1 assigns, and so it is true of every event: compare with ==`},
		{`(.a -= 1) | not`, `.a -= 1 assigns, and so it is true of every event: compare with ==`},
		{`select(.a = 1) | .n`, `.a = 1 assigns, and so it is true of every event: compare with ==`},
		{`any(.list[]; .x = 1)`, `.x = 1 assigns, and so it is true of every event: compare with ==`},
		{`.list | map(select(.x *= 1)) | length > 1`, `.x *= 1 assigns, and so it is true of every event: compare with ==`},
		{`if .a = 1 then true else false end`, `.a = 1 assigns, and so it is true of every event: compare with ==`},
		{`if .a then .n elif .n /= 1 then true else false end`, `.n /= 1 assigns, and so it is true of every event: compare with ==`},
		{`if .a then .n = 1 else false end`, `.n = 1 assigns, and so it is true of every event: compare with ==`},
		{`.n, (.a = 1)?`, `.a = 1 assigns, and so it is true of every event: compare with ==`},
		{`try (.a %= 1)`, `.a %= 1 assigns, and so it is true of every event: compare with ==`},
		{`.a | .b = 1`, `.b = 1 assigns, and so it is true of every event: compare with ==`},
		{`def f: 1; .a = f`, `def f: 1; .a = f assigns, and so it is true of every event: compare with ==`},

		// There is nothing but the event.
		{`input`, `input(s)/0 is not allowed`},
		{`[inputs]`, `input(s)/0 is not allowed`},
		{`debug`, `function not defined: debug/0`},
		{`debug(.a)`, `function not defined: debug/1`},
		{`stderr`, `function not defined: stderr/0`},
		{`input_filename`, `function not defined: input_filename/0`},
		{`import "m" as m; m::f`, `cannot load module: "m"`},
		{`include "m"; f`, `cannot load module: "m"`},
	} {
		t.Run(test.text, func(t *testing.T) {
			_, err := where.Parse(test.text)
			if err == nil || err.Error() != test.want {
				t.Errorf("error %v, want %s", err, test.want)
			}
		})
	}
}

// Names that were given a value mean that, wherever they stand, and are as fast as
// literals; a name that the expression gives another value means that one.
func TestVariables(t *testing.T) {
	s := scan(t, `{"event_type": "x", "session_id": "s1", "a": {"k": "v"}, "n": "2"}`)
	options := []where.Option{
		where.Arg("sid", "s1"), where.Arg("key", "k"), where.Arg("none", ""),
		where.Environ([]string{"SID=s1", "TWICE=1", "TWICE=2", "EMPTY=", "=C:=x", "PAIR=a=b"}),
	}
	for _, test := range []struct {
		text   string
		native bool
		want   bool
	}{
		{`.session_id == $sid`, true, true},
		{`.session_id != $sid`, true, false},
		{`$sid == .session_id and .a[$key] == "v"`, true, true},
		{`.a | has($key)`, true, true},
		{`.session_id | startswith($sid)`, true, true},
		{`.session_id | test($sid; "i")`, true, true},
		{`.session_id | IN($none, $sid)`, true, true},
		{`(.absent // $sid) == "s1"`, true, true},
		{`.session_id == $ENV.SID`, true, true},
		{`.session_id == env.SID`, true, true},
		{`.session_id == $ENV["SID"]`, true, true},
		{`.n == $ENV.TWICE`, true, true},
		{`.absent == $ENV.ABSENT`, true, true},
		{`.n == $ENV.EMPTY`, true, false},
		{`.n == $ENV.sid`, true, false},
		{`.session_id + "" == $sid`, false, true},
		{`.session_id + "" == $ENV.SID`, false, true},
		{`$ENV | keys == ["EMPTY", "PAIR", "SID", "TWICE"]`, false, true},
		{`$ENV.PAIR == "a=b" and env == $ENV`, false, true},
		{`$sid`, false, true},
		{`$none | length == 0`, false, true},
		{`"other" as $sid | .session_id == $sid`, false, false},
		{`def env: {SID: "other"}; .session_id == env.SID`, false, false},
		{`[.session_id] | .[] as $key | $key == $sid`, false, true},
		{`"n" as $key | has($key)`, false, true},
		{`reduce ("other") as $sid (true; . and $sid == "other")`, false, true},
	} {
		t.Run(test.text, func(t *testing.T) {
			expr, err := where.Parse(test.text, options...)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := expr.Eval(t.Context(), s); got != test.want || err != nil || expr.Native() != test.native {
				t.Errorf("wanted %v, %v, native %v", got, err, expr.Native())
			}
			if err := expr.Failure(t.Context(), s); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestFailure(t *testing.T) {
	s := scan(t, `{"event_type": "x", "a": "text", "n": 1}`)
	for _, test := range []struct{ text, want string }{
		{`.a.b`, `expected an object but got: string ("text")`},
		{`.n | startswith("x")`, `startswith("x") cannot be applied to: number (1)`},
		{`.none | test("x")`, `test("x"; null) cannot be applied to: null`},
		{`.a == "text" and (.n | test("x"))`, `test("x"; null) cannot be applied to: number (1)`},
		{`.a == "text" and (.n | keys)`, `keys cannot be applied to: number (1)`},
		{`false, error("so it is")`, `error: so it is`},
		{`halt`, `halt error: null`},
		{`.a == "text"`, `<nil>`},
		{`.a == "other" and .a.b`, `<nil>`},
	} {
		t.Run(test.text, func(t *testing.T) {
			expr, err := where.Parse(test.text)
			if err != nil {
				t.Fatal(err)
			}
			wanted, err := expr.Eval(t.Context(), s)
			if wanted != (test.text == `.a == "text"`) {
				t.Errorf("wanted")
			}
			failure := expr.Failure(t.Context(), s)
			if err != nil != (failure != nil) {
				t.Errorf("%v, with %v", err, failure)
			}
			if failure == nil && test.want != "<nil>" || failure != nil && failure.Error() != test.want {
				t.Errorf("error %v, want %s", failure, test.want)
			}
		})
	}
}

func TestUnseen(t *testing.T) {
	for _, test := range []struct {
		text string
		want string
	}{
		{`.event_type == "x"`, ""},
		{`.event_typ == "x"`, "event_typ"},
		{`.a.tool and .b["x"]`, "b"},
		{`.tool_nam | startswith("x")`, "tool_nam"},
		{`."two words" or .["three"] == 3 or .a`, "two words three"},
		{`has("x") and select(.y)`, "x y"},
		{`.x // "none"`, "x"},
		{`.x? == 1`, "x"},
		{`.null == null`, ""},
		{`.a | .inner`, ""},
		{`.a[] | .inner`, ""},
		{`any(.list[]; .inner)`, "list"},
		{`select(.a) | .x`, "x"},
		{`. as $e | .x`, "x"},
		{`{x, "y", a: .z, (.k): 1} | .inner`, "x y z k"},
		{`[.x, -.y, "\(.z)"] | length`, "x y z"},
		{`if .x then .y elif .z then .a else .k end`, "x y z k"},
		{`try .x catch .inner`, "x"},
		{`reduce .x as $i (.y; .inner)`, "x y"},
		{`foreach .x as $i (.y; .inner; .inner)`, "x y"},
		{`label $l | .x`, "x"},
		{`.x = 1 | .inner`, "x"},
		{`.[.x]`, "x"},
		{`.a[.x]`, "x"},
		{`first(.x), isempty(.y), IN(.z; .k)`, "x y z k"},
		{`keys | length`, ""},
		{`.spelled`, ""},
	} {
		t.Run(test.text, func(t *testing.T) {
			expr, err := where.Parse(test.text)
			if err != nil {
				t.Fatal(err)
			}
			if unseen := expr.Unseen(); unseen != nil {
				t.Errorf("before any event: %q", unseen)
			}
			expr.Note(scan(t, `{"event_type": "x", "a": {"inner": 1}}`))
			expr.Note(scan(t, `{"event_type": "x", "null": null, "sp\u0065lled": 1}`))
			if unseen := strings.Join(expr.Unseen(), " "); unseen != test.want {
				t.Errorf("%q, want %q", unseen, test.want)
			}
		})
	}
}

// An expression that runs for ever ends with its context.
func TestEndless(t *testing.T) {
	s := scan(t, `{"event_type": "x"}`)
	for _, text := range []string{
		`def f: f; f`,
		`repeat(.) | false`,
		`[range(1e18)]`,
		`.event_type == "x" and (last(repeat(1)))`,
		`until(false; .)`,
	} {
		t.Run(text, func(t *testing.T) {
			expr, err := where.Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
			defer cancel()
			wanted, err := expr.Eval(ctx, s)
			if wanted || err != where.ErrFailed || ctx.Err() == nil {
				t.Errorf("wanted %v, %v, %v", wanted, err, ctx.Err())
			}
		})
	}
}

// Many goroutines may use an expression at once.
func TestManyGoroutines(t *testing.T) {
	lines := lines(t)
	for _, text := range []string{`.a == "text" or .absent`, `.n == 1 and (.a | tostring | test("x"))`, `.a | test("T"; "i")`, `[.a, .metadata] | length == 2`} {
		expr, err := where.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		counts := make([]int, 4)
		for i := range counts {
			all.Go(func() {
				var s events.Scanner
				for _, line := range lines {
					if err := s.Scan(line); err != nil {
						t.Error(err)
					}
					expr.Note(&s)
					wanted, err := expr.Eval(t.Context(), &s)
					if wanted {
						counts[i]++
					}
					if err != nil {
						counts[i] += 1000
					}
				}
			})
		}
		all.Wait()
		if slices.Max(counts) != slices.Min(counts) {
			t.Errorf("%s: %v", text, counts)
		}
	}
}
