package redact_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"auditctl/pkg/redact"
	"auditctl/pkg/redact/rule"
	"auditctl/testdata/generated"
)

// What is no secret stays, though it looks as random as one.
func TestNotSecret(t *testing.T) {
	t.Parallel()
	most := []string{"uuid", "sha256", "sha256 base64", "git", "signature", "signature hex"}
	for name, sample := range map[string]func(*rand.Rand) string{
		"uuid":             func(r *rand.Rand) string { return uuid(r) },
		"UUID of digits":   func(r *rand.Rand) string { return "00" + of(r, "0123456789", 6) + uuid(r)[8:] },
		"UUID":             func(r *rand.Rand) string { return strings.ToUpper(uuid(r)) },
		"sha256":           func(r *rand.Rand) string { return hexOf(r, 32) },
		"sha512":           func(r *rand.Rand) string { return hexOf(r, 64) },
		"md5":              func(r *rand.Rand) string { return hexOf(r, 16) },
		"git":              func(r *rand.Rand) string { return hexOf(r, 20) },
		"git range":        func(r *rand.Rand) string { return hexOf(r, 20)[:7] + ".." + hexOf(r, 20)[:7] },
		"git short":        func(r *rand.Rand) string { return hexOf(r, 20)[:7+r.IntN(5)] },
		"sha256 base64":    func(r *rand.Rand) string { return base64.StdEncoding.EncodeToString(random(r, 32)) },
		"sha256 base64url": func(r *rand.Rand) string { return base64.RawURLEncoding.EncodeToString(random(r, 32)) },
		"fingerprint":      func(r *rand.Rand) string { return "SHA256:" + base64.RawStdEncoding.EncodeToString(random(r, 32)) },
		"MD5 fingerprint":  func(r *rand.Rand) string { return "MD5:" + colons(random(r, 16)) },
		"MAC address":      func(r *rand.Rand) string { return colons(random(r, 6)) },
		"signature":        func(r *rand.Rand) string { return base64.StdEncoding.EncodeToString(random(r, 64)) },
		"signature hex":    func(r *rand.Rand) string { return hexOf(r, 64) },
		"signature of a note": func(r *rand.Rand) string {
			return "— example.com/audit " + base64.StdEncoding.EncodeToString(random(r, 68))
		},
		"signature of a thought": func(r *rand.Rand) string { return "ErUB" + base64.StdEncoding.EncodeToString(random(r, 100)) },
		"public key of SSH":      func(r *rand.Rand) string { return "ssh-ed25519 " + sshKey(r) },
		"certificate": func(r *rand.Rand) string {
			return "-----BEGIN CERTIFICATE-----\n" + base64.StdEncoding.EncodeToString(random(r, 100)) + "\n-----END CERTIFICATE-----\n"
		},
		"ULID":     func(r *rand.Rand) string { return "01" + of(r, "0123456789ABCDEFGHJKMNPQRSTVWXYZ", 24) },
		"KSUID":    func(r *rand.Rand) string { return "2" + of(r, alphanumeric, 26) },
		"nanoid":   func(r *rand.Rand) string { return of(r, alphanumeric+"_-", 21) },
		"ObjectId": func(r *rand.Rand) string { return hexOf(r, 12) },
		"snowflake": func(r *rand.Rand) string {
			return fmt.Sprint(1_200_000_000_000_000_000 + r.Int64N(100_000_000_000_000_000))
		},
		"trace":       func(r *rand.Rand) string { return hexOf(r, 16) + " " + hexOf(r, 8) },
		"traceparent": func(r *rand.Rand) string { return "00-" + hexOf(r, 16) + "-" + hexOf(r, 8) + "-01" },
		"time":        func(r *rand.Rand) string { return at(r).Format(time.RFC3339Nano) },
		"time of SQL": func(r *rand.Rand) string { return at(r).Format("2006-01-02 15:04:05.000000-07") },
		"unix ms":     func(r *rand.Rand) string { return fmt.Sprint(at(r).UnixMilli()) },
		"unix ns":     func(r *rand.Rand) string { return fmt.Sprint(at(r).UnixNano()) },
		"float":       func(r *rand.Rand) string { return fmt.Sprint(r.Float64(), " ", r.NormFloat64()*1e6) },
		"coordinates": func(r *rand.Rand) string { return fmt.Sprintf("%.6f, %.6f", r.Float64()*90, r.Float64()*180) },
		"npm":         func(r *rand.Rand) string { return "sha512-" + base64.StdEncoding.EncodeToString(random(r, 64)) },
		"go.sum": func(r *rand.Rand) string {
			return "example.com/m v1.2.3 h1:" + base64.StdEncoding.EncodeToString(random(r, 32))
		},
		"docker": func(r *rand.Rand) string { return "ghcr.io/example/app@sha256:" + hexOf(r, 32) },
		"package-lock": func(r *rand.Rand) string {
			return `"resolved": "https://registry.npmjs.org/a/-/a-1.2.3.tgz", "integrity": "sha512-` + base64.StdEncoding.EncodeToString(random(r, 64)) + `"`
		},
		"yarn.lock": func(r *rand.Rand) string {
			return "resolved \"https://registry.yarnpkg.com/a/-/a-1.2.3.tgz#" + hexOf(r, 20) + "\""
		},
		"Cargo.lock": func(r *rand.Rand) string { return `checksum = "` + hexOf(r, 32) + `"` },
		"poetry.lock": func(r *rand.Rand) string {
			return `{file = "a-1.2.3-py3-none-any.whl", hash = "sha256:` + hexOf(r, 32) + `"},`
		},
		"pip":        func(r *rand.Rand) string { return "a==1.2.3 --hash=sha256:" + hexOf(r, 32) },
		"tool call":  func(r *rand.Rand) string { return "toolu_01" + of(r, alphanumeric, 22) },
		"message":    func(r *rand.Rand) string { return "msg_01" + of(r, alphanumeric, 22) },
		"request":    func(r *rand.Rand) string { return "req_011" + of(r, alphanumeric, 21) },
		"call":       func(r *rand.Rand) string { return "call_" + of(r, alphanumeric, 24) },
		"completion": func(r *rand.Rand) string { return "chatcmpl-" + of(r, alphanumeric, 29) },
		"response":   func(r *rand.Rand) string { return "resp_" + hexOf(r, 25) },
		"etag":       func(r *rand.Rand) string { return `"` + hexOf(r, 16) + `-5"` },
		"path": func(r *rand.Rand) string {
			return "/nix/store/" + of(r, "0123456789abcdfghijklmnpqrsvwxyz", 32) + "-hello-2.12"
		},
		"image": func(r *rand.Rand) string {
			return "data:image/png;base64,iVBORw0KGgo" + base64.StdEncoding.EncodeToString(random(r, 100))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, rng := builtin(t, redact.Options{SecretNames: true}), rand.New(rand.NewPCG(3, 4))
			lines := 200 // of five samples each
			if !testing.Short() && slices.Contains(most, name) {
				lines = 2000
			}
			for range lines {
				line := fmt.Sprintf(`{"event_type":"base","turn_id":%s,"result_preview":%s,"metadata":{"id":%s,"hash":[%s],"arguments":%s}}`,
					quote(sample(rng)), quote("It is "+sample(rng)+", or not\n"), quote("from id="+sample(rng)), quote(sample(rng)+"\n"),
					quote(`{"digest": `+quote(sample(rng))+`}`))
				if redacted, changed := r.Append(nil, []byte(line)); changed {
					t.Fatalf("%s\nbecomes %s by %v", line, redacted, r.TakeCounts())
				}
			}
		})
	}
}

// The log and the transcript that are made for tests have nothing to redact.
func TestNothingInGeneratedLogs(t *testing.T) {
	t.Parallel()
	for name, line := range map[string]func() []byte{"log": generated.Log(), "transcript": generated.Transcript()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := builtin(t, redact.Options{SecretNames: true})
			for size := 0; size < 4_000_000; {
				l := line()
				size += len(l)
				l = bytes.TrimSuffix(l, []byte("\n"))
				if redacted, changed := r.Append(nil, l); changed {
					t.Fatalf("%s\nbecomes %s by %v", l, redacted, r.TakeCounts())
				}
			}
		})
	}
}

// An id of digits may be an id, unless it is said to be something else.
func TestDigits(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]bool{
		`{"event_type":"base","turn_id":"005677132829"}`:                     false,
		`{"event_type":"base","metadata":{"phone":"005677132829"}}`:          true,
		`{"event_type":"base","error_message":"call 005677132829"}`:          true,
		`{"event_type":"base","arguments":"{\"mobile\": \"005677132829\"}"}`: true,
	} {
		if _, changed := builtin(t, redact.Options{}).Append(nil, []byte(line)); changed != want {
			t.Errorf("%s is redacted: %v", line, changed)
		}
	}
}

// Source code that agents read has no secrets.
func TestNothingInSourceCode(t *testing.T) {
	t.Parallel()
	list := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/spf13/cobra", "github.com/klauspost/compress", "github.com/itchyny/gojq")
	dirs, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	secrets := newSet(t, rule.Secrets())
	r := builtin(t, redact.Options{Rules: rule.Secrets(), SecretNames: true})
	for _, dir := range strings.Fields(string(dirs)) {
		err := fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") {
				return err
			}
			code, err := os.ReadFile(filepath.Join(dir, path))
			if err != nil {
				return err
			}
			for at := 0; at < len(code); {
				piece := code[at:]
				for end, n := 0, 0; end < len(piece); end++ {
					if piece[end] == '\n' {
						if n++; n == 200 {
							piece = piece[:end+1]
						}
					}
				}
				at += len(piece)
				line := `{"event_type":"tool_call_complete","result_preview":` + quote(string(piece)) + `}`
				if _, changed := r.Append(nil, []byte(line)); !changed {
					continue
				}
				t.Errorf("%s: %v", path, r.TakeCounts())
				for _, m := range secrets.AppendMatches(nil, piece) {
					t.Errorf("%s: %s: %q", path, m.Rule.ID, piece[m.Start:m.End])
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// builtin returns a Redactor, with all rules unless the options say which.
func builtin(t testing.TB, o redact.Options) *redact.Redactor {
	t.Helper()
	if o.Rules == nil {
		o.Rules = slices.Concat(rule.Secrets(), rule.Personal())
	}
	r, err := redact.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func newSet(t testing.TB, rules []*rule.Rule) *rule.Set {
	t.Helper()
	set, err := rule.NewSet(rules)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

const alphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

func random(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

func of(r *rand.Rand, alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(b)
}

func hexOf(r *rand.Rand, n int) string { return hex.EncodeToString(random(r, n)) }

func uuid(r *rand.Rand) string {
	h := hexOf(r, 16)
	return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-a" + h[17:20] + "-" + h[20:]
}

func colons(b []byte) string { return strings.ReplaceAll(fmt.Sprintf("% x", b), " ", ":") }

func sshKey(r *rand.Rand) string {
	return base64.StdEncoding.EncodeToString(append([]byte("\x00\x00\x00\x0bssh-ed25519\x00\x00\x00\x20"), random(r, 32)...))
}

func at(r *rand.Rand) time.Time {
	return time.Unix(1_700_000_000+r.Int64N(200_000_000), r.Int64N(1e9)).UTC()
}

func quote(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}
