package selection_test

import (
	"encoding/json"
	"math/big"
	"regexp"
	"strings"
	"testing"

	"auditctl/pkg/selection"
)

// fieldLine has a value of every kind.
const fieldLine = `{"event_type": "tool_call_complete", "turn_id": null, "tool_name": "read_file", "status": "success", ` +
	`"duration_ms": 812.50, "call_count": 1000, "big": 123456789012345678, "negative": -5, "tiny": 1e-3, "zero": -0.0, ` +
	`"yes": true, "no": false, "empty": "", "digits": "42", "spaced": " a b ", "word": "null", ` +
	`"escaped": "a\u0062c\n\"\ud83d\ude00", ` +
	`"unique_tools": ["read", "write", ["a", {"k": "v"}]], ` +
	`"metadata": {"region": "eu-west", "n": 7, "a.b": "dotted", "x=y": "operator", "a\\b": "backslash", "": "nameless", ` +
	`"re\u0067ion2": "spelled", "deep": {"er": {"est": 1}}, "none": null, "0": "zeroth", "list": [10, 20, 30]}, ` +
	`"twice": "first", "twice": "last", "tw\u0069ce2": 1, "twice2": 2, ` +
	`"nest": {"a": 1}, "nest": {"b": 1, "b": 2}}`

func TestField(t *testing.T) {
	for _, test := range []struct {
		expr string
		want bool
	}{
		// Strings.
		{"tool_name=read_file", true},
		{"tool_name=read", false},
		{"tool_name=READ_FILE", false},
		{"tool_name!=read_file", false},
		{"tool_name!=write_file", true},
		{"tool_name~=^read_", true},
		{"tool_name~=file", true},
		{"tool_name~=^file", false},
		{"tool_name~=(?i)READ", true},
		{"tool_name!~^read_", false},
		{"tool_name!~^write_", true},
		{"tool_name<5", false},
		{"tool_name>=0", false},
		{"empty=", true},
		{"empty!=", false},
		{"tool_name=", false},
		{"tool_name!=", true},
		{"empty~=^$", true},
		{`spaced=" a b "`, true},
		{"spaced= a b ", false}, // blanks around do not count
		{` tool_name = read_file `, true},
		{`tool_name != grep`, true},
		{`tool_name ~= ^read`, true},
		{`tool_name !~ "^read"`, false},
		{`duration_ms > 812`, true},
		{`duration_ms <= "812"`, false},
		{`metadata.region = eu-west`, true},
		{`tool_name = "read_file"`, true},
		{`tool_name="read_file"`, true},
		{`tool_name="\"read_file\""`, false},
		{`escaped = "abc\n\"😀"`, true},
		{`empty = ""`, true},
		{`empty = `, true},
		{`empty = "`, false},
		{"spaced=a b", false},
		{"escaped=abc\n\"😀", true},
		{"escaped~=^abc", true},
		{`escaped~=\\u0062`, false},

		// A string of digits is a text, not a number.
		{"digits=42", true},
		{"digits=42.0", false},
		{"digits!=42.0", true},
		{"digits>1", false},
		{"digits<100", false},

		// Numbers.
		{"duration_ms=812.5", true},
		{"duration_ms=812.50", true},
		{"duration_ms=8.125e2", true},
		{"duration_ms!=812.5", false},
		{"duration_ms!=812", true},
		{"duration_ms>812", true},
		{"duration_ms>812.5", false},
		{"duration_ms>=812.5", true},
		{"duration_ms<812.5", false},
		{"duration_ms<=812.5", true},
		{"duration_ms<813", true},
		{"duration_ms~=^812", true},
		{"duration_ms!~50$", false},
		{"duration_ms=x", false},
		{"duration_ms!=x", true},
		{"call_count=1000", true},
		{"call_count=1e3", true},
		{"call_count=1E+3", true},
		{"call_count=1000.0", true},
		{"call_count=99:", false},
		{"call_count<1000", false},
		{"call_count<1000.5", true},
		{"call_count>=1e3", true},
		{"call_count>9", true}, // not as texts
		{"negative<0", true},
		{"negative>-6", true},
		{"negative=-5", true},
		{"negative>=-5.0", true},
		{"tiny=0.001", true},
		{"tiny>0", true},
		{"tiny<1", true},
		{"zero=0", true},
		{"zero=-0", true},
		{"zero>=0", true},
		{"zero<0", false},

		// Exact to eighteen digits, where a float is not.
		{"big=123456789012345678", true},
		{"big=123456789012345679", false},
		{"big!=123456789012345679", true},
		{"big<123456789012345679", true},
		{"big>123456789012345677", true},
		{"big>=123456789012345679", false},
		{"big<=123456789012345677", false},

		// Other values are compared as they are spelled.
		{"yes=true", true},
		{"yes=false", false},
		{"yes=1", false},
		{"yes!=false", true},
		{"yes~=^t", true},
		{"no=false", true},
		{"no<1", false},
		{"turn_id=null", true},
		{"turn_id=", false},
		{"turn_id!=x", true},
		{"turn_id<1", false},
		{"word=null", true},
		{"metadata.none=null", true},
		{"unique_tools~=write", true},
		{"metadata.list=[10, 20, 30]", true},
		{"nest~=b", true},

		// What is not there is not wanted.
		{"absent=x", false},
		{"absent!=x", false},
		{"absent~=.*", false},
		{"absent!~x", false},
		{"absent<1", false},
		{"absent>=0", false},
		{"metadata.absent!=x", false},
		{"absent.region!=x", false},
		{"tool_name.x!=y", false},
		{"turn_id.x!=y", false},
		{"region=eu-west", false},

		// Keys inside.
		{"metadata.region=eu-west", true},
		{"metadata.region!=eu-west", false},
		{"metadata.region~=^eu", true},
		{"metadata.n>6", true},
		{"metadata.n<7", false},
		{"metadata.deep.er.est=1", true},
		{"metadata.deep.er.est.more!=1", false},
		{"metadata.=nameless", true},

		// Elements.
		{"unique_tools.0=read", true},
		{"unique_tools.1=write", true},
		{"unique_tools.2.0=a", true},
		{"unique_tools.2.1.k=v", true},
		{"unique_tools.3!=x", false},
		{"unique_tools.-1!=x", false},
		{"unique_tools.x!=y", false},
		{"unique_tools.99999999999999999999!=x", false},
		{"metadata.list.2>=30", true},
		{"metadata.0=zeroth", true},

		// Keys that stand twice, and spellings of keys.
		{"twice=last", true},
		{"twice=first", false},
		{"twice2=2", true},
		{"nest.b=2", true},
		{"nest.b=1", false},
		{"nest.a!=x", false},
		{"metadata.region2=spelled", true},

		// Keys with dots, operators and backslashes in them.
		{`metadata.a\.b=dotted`, true},
		{`metadata.a.b!=x`, false},
		{`metadata.x\=y=operator`, true},
		{`metadata.a\\b=backslash`, true},
		{`tool\_name=read_file`, true},

		// What follows the operator is taken as it is.
		{`metadata.region~=\.`, false},
	} {
		t.Run(test.expr, func(t *testing.T) {
			p, err := selection.ParseField(test.expr)
			if err != nil {
				t.Fatal(err)
			}
			s := scan(t, fieldLine)
			if got := p(s); got != test.want {
				t.Errorf("%v, want %v", got, test.want)
			}
			if got := selection.Not(p)(s); got == test.want {
				t.Errorf("Not: %v, want %v", got, !test.want)
			}
		})
	}
}

// Nineteen digits are what nanoseconds and many ids have.
func TestFieldNineteenDigits(t *testing.T) {
	const line = `{"event_type": "x", "ns": 1767225600000000001, "least": -9223372036854775808}`
	for _, test := range []struct {
		expr string
		want bool
	}{
		{"ns=1767225600000000001", true},
		{"ns=1767225600000000002", false},
		{"ns!=1767225600000000002", true},
		{"ns<1767225600000000002", true},
		{"ns>1767225600000000000", true},
		{"ns>1767225600000000001", false},
		{"least<-9223372036854775807", true},
		{"least>=-9223372036854775808", true},
	} {
		t.Run(test.expr, func(t *testing.T) {
			if got := field(t, test.expr)(scan(t, line)); got != test.want {
				t.Errorf("%v, want %v", got, test.want)
			}
		})
	}
}

// Numbers beyond every float still are larger, or smaller, than others.
func TestFieldHugeNumbers(t *testing.T) {
	const line = `{"event_type": "x", "huge": 1e400, "low": -1e400, "none": 1e-400, "beyond": 1e99999999999999999999}`
	for _, test := range []struct {
		expr string
		want bool
	}{
		{"huge=1e400", true},
		{"huge>5", true},
		{"huge<5", false},
		{"low<5", true},
		{"huge>1e399", true},
		{"huge<1e99999999999999999999", true},
		{"low<-1e399", true},
		{"low>-1e99999999999999999999", true},
		{"beyond>1e400", true},
		{"none>0", true},
		{"none>1e-99999999999999999999", true},
		{"none<1", true},
	} {
		t.Run(test.expr, func(t *testing.T) {
			if got := field(t, test.expr)(scan(t, line)); got != test.want {
				t.Errorf("%v, want %v", got, test.want)
			}
		})
	}
}

// FuzzFieldNumbers compares the operators on numbers with math/big.
func FuzzFieldNumbers(f *testing.F) {
	for _, seed := range [][2]string{
		{"0", "-0.0e9"}, {"1e3", "1000"}, {"1e3", "1000.000001"}, {"-1", "-1.5"}, {"-1", "1"},
		{"0.001", "1e-3"}, {"0.0010", "0.0009999"}, {"10.00", "1E+1"}, {"1767225600000000001", "1767225600000000002"},
		{"12.5", "125e-1"}, {"0e5", "1e-300"}, {"100e-2", "1"}, {"007", "7"}, {"1.", ".5"}, {"+1", "1e"}, {"-", "1e+"},
		{"1e1f", "1e-x"}, {"1.5x", "1x"}, {"1", " 0.000 "}, {"1", `"1"`},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		if strings.HasPrefix(b, "=") {
			t.Skip("part of the operator")
		}
		given := b
		if b = strings.Trim(b, " "); strings.HasPrefix(b, `"`) {
			t.Skip("in quotes")
		}
		less, err := selection.ParseField("n<" + given)
		if (err == nil) != isNumber(b) {
			t.Fatalf("operand %q: error %v", given, err)
		}
		if !isNumber(a) || !isNumber(b) || hugeExponent.MatchString(a+" "+b) {
			return
		}
		left, _ := new(big.Rat).SetString(a)
		right, _ := new(big.Rat).SetString(b)
		s := scan(t, `{"event_type": "x", "n": `+a+`}`)
		c := left.Cmp(right)
		for _, test := range []struct {
			name string
			p    selection.Predicate
			want bool
		}{
			{"<", less, c < 0},
			{"<=", field(t, "n<="+given), c <= 0},
			{">", field(t, "n>"+given), c > 0},
			{">=", field(t, "n>="+given), c >= 0},
			{"=", field(t, "n="+given), c == 0},
			{"!=", field(t, "n!="+given), c != 0},
		} {
			if got := test.p(s); got != test.want {
				t.Errorf("%s %s %s: %v, want %v", a, test.name, b, got, test.want)
			}
		}
	})
}

// hugeExponent matches where math/big would take long.
var hugeExponent = regexp.MustCompile(`[eE][+-]?0*[1-9][0-9]{3}`)

func isNumber(text string) bool {
	return json.Valid([]byte(text)) && strings.Trim(text, "+-.0123456789eE") == ""
}

func TestParseFieldErrors(t *testing.T) {
	const noOperator = "no operator: want key=value, or one of != ~= !~ < <= > >="
	for _, test := range []struct{ expr, want string }{
		{"", `field "": ` + noOperator},
		{"tool_name", `field "tool_name": ` + noOperator},
		{`a\=b`, `field "a\\=b": ` + noOperator},
		{`a\`, `field "a\\": ` + noOperator},
		{"=x", `field "=x": no key before =`},
		{".a=x", `field ".a=x": no key before =`},
		{">1", `field ">1": no key before >`},
		{"a==b", `field "a==b": no operator ==: write key=v`},
		{"a=~b", `field "a=~b": no operator =~: write key~=regexp`},
		{"a=>1", `field "a=>1": no operator =>: write key>=n`},
		{"a =< -1.5", `field "a =< -1.5": no operator =<: write key<=n`},
		{"a!b", `field "a!b": no operator '!': want = != ~= !~ < <= > >=`},
		{"a~b", `field "a~b": no operator '~': want = != ~= !~ < <= > >=`},
		{"a<", `field "a<": < compares numbers, and "" is none`},
		{"a>x", `field "a>x": > compares numbers, and "x" is none`},
		{"a >= 1 2", `field "a >= 1 2": >= compares numbers, and "1 2" is none`},
		{`a = "\d"`, `field "a = \"\\d\"": "\d" is no JSON string: leave the quotes out, or write \" and \\ in them`},
		{" = x", `field " = x": no key before =`},
		{"a<=0x10", `field "a<=0x10": <= compares numbers, and "0x10" is none`},
		{"a<0x1p4", `field "a<0x1p4": < compares numbers, and "0x1p4" is none`},
		{"a<1_000", `field "a<1_000": < compares numbers, and "1_000" is none`},
		{"a<inf", `field "a<inf": < compares numbers, and "inf" is none`},
		{"a<NaN", `field "a<NaN": < compares numbers, and "NaN" is none`},
		{"a<-", `field "a<-": < compares numbers, and "-" is none`},
		{"a~=(", `field "a~=(": error parsing regexp: missing closing ): ` + "`(`"},
		{"a!~[", `field "a!~[": error parsing regexp: missing closing ]: ` + "`[`"},
	} {
		t.Run(test.expr, func(t *testing.T) {
			_, err := selection.ParseField(test.expr)
			if err == nil || err.Error() != test.want {
				t.Errorf("error %v, want %s", err, test.want)
			}
		})
	}
}

func field(t testing.TB, expr string) selection.Predicate {
	t.Helper()
	p, err := selection.ParseField(expr)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
