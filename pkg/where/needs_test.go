package where_test

import (
	"fmt"
	"testing"

	"auditctl/pkg/where"
)

func TestNeeds(t *testing.T) {
	for text, want := range map[string]string{
		`.a == "x"`:                                     "[[{a x}]]",
		`"x" == .a?`:                                    "[[{a x}]]",
		`.a == $x and (.b | test("y"))`:                 "[[{a its}]]",
		`(.a | test("y")) and .b == "x"`:                "[]",
		`.n < 1 and .a == "x"`:                          "[[{a x}]]",
		`.a == "x" and .b == "y"`:                       "[[{a x}] [{b y}]]",
		`.a == "x" and .b.c == "y" and .d == "z"`:       "[[{a x}]]",
		`.a == "x" or .b == "y" or .a == "z"`:           "[[{a x} {b y} {a z}]]",
		`(.a == "x" and .b.c) or (.b == "y" and error)`: "[[{a x} {b y}]]",
		`.a == "x" or .b`:                               "[]",
		`.a | IN("x", $x)`:                              "[[{a its} {a x}]]",
		`.a | IN("x", 1)`:                               "[]",
		`.a != "x"`:                                     "[]",
		`.a == "x" | not`:                               "[]",
		`.a == 1`:                                       "[]",
		`(.a // "x") == "x"`:                            "[]",
		`.a.b == "x"`:                                   "[]",
		`def a: true; .a == "x"`:                        "[]",
		`select(.a == "x")`:                             "[]",
	} {
		expr, err := where.Parse(text, where.Arg("x", "its"))
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(expr.Needs()); got != want {
			t.Errorf("%s needs %s, want %s", text, got, want)
		}
	}
}
