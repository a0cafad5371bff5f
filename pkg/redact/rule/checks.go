package rule

import (
	"bytes"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"hash/crc32"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"
)

// base62 is the alphabet of checksums of GitHub and npm.
const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// githubSum is the end of tokens of GitHub and npm: the CRC-32 of what is between it and the
// prefix, in six digits of base 62.
// https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/
func githubSum(random []byte) string {
	n, sum := crc32.ChecksumIEEE(random), [6]byte{}
	for i := len(sum) - 1; i >= 0; i-- {
		sum[i] = base62[n%62]
		n /= 62
	}
	return string(sum[:])
}

func checkGitHub(token []byte) bool { return bytes.Equal(token, fixGitHub(bytes.Clone(token))) }

func fixGitHub(token []byte) []byte {
	body := token[:len(token)-6]
	return append(body, githubSum(body[bytes.IndexByte(body, '_')+1:])...)
}

// checkGitLab accepts tokens without a checksum, and those with one that is right: routable
// tokens end in the CRC-32 of all before it, in seven digits of base 36.
// https://docs.gitlab.com/security/tokens/#token-prefixes, and lib/authn of GitLab.
func checkGitLab(token []byte) bool {
	return bytes.IndexByte(token, '.') < 0 || bytes.Equal(token, fixGitLab(bytes.Clone(token)))
}

func fixGitLab(token []byte) []byte {
	if bytes.IndexByte(token, '.') < 0 {
		return token
	}
	body := token[:len(token)-7]
	return fmt.Appendf(body, "%07s", strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 36))
}

// Tokens of Atlassian end in the CRC-32 of all before it, in upper-case hexadecimal.
func checkAtlassian(token []byte) bool {
	return bytes.EqualFold(token, fixAtlassian(bytes.Clone(token)))
}

func fixAtlassian(token []byte) []byte {
	body := token[:len(token)-8]
	return fmt.Appendf(body, "%08X", crc32.ChecksumIEEE(body))
}

// Tokens of Grafana's service accounts end in _ and the CRC-32 of all before, in hexadecimal,
// the lowest byte first.
func checkGrafana(token []byte) bool { return bytes.Equal(token, fixGrafana(bytes.Clone(token))) }

func fixGrafana(token []byte) []byte {
	body := token[:len(token)-9]
	sum := crc32.ChecksumIEEE(body)
	little := []byte{byte(sum), byte(sum >> 8), byte(sum >> 16), byte(sum >> 24)}
	return hex.AppendEncode(append(body, '_'), little)
}

// checkJOSE reports whether token begins with the header of a JWT, signed or encrypted: in
// base64url, a JSON object that names an algorithm. RFC 7515, section 4; RFC 7516.
func checkJOSE(token []byte) bool {
	header, _, _ := bytes.Cut(token, []byte("."))
	decoded, err := base64.RawURLEncoding.AppendDecode(nil, header)
	if err != nil {
		return false
	}
	var fields struct {
		Alg string `json:"alg"`
	}
	return json.Unmarshal(decoded, &fields) == nil && fields.Alg != ""
}

// fixJOSE gives a made-up token a header.
func fixJOSE(token []byte) []byte {
	_, rest, _ := bytes.Cut(token, []byte("."))
	header := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"RS256","typ":"JWT"}`))
	return append([]byte(header+"."), rest...)
}

// checkLuhn reports whether the digits of number have the check digit that numbers of cards
// have. ISO/IEC 7812-1, annex B.
func checkLuhn(number []byte) bool {
	sum, double := 0, false
	for i := len(number) - 1; i >= 0; i-- {
		d := int(number[i] - '0')
		if d < 0 || d > 9 {
			continue // a separator
		}
		if double {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum, double = sum+d, !double
	}
	return sum > 0 && sum%10 == 0
}

// checkIBAN reports whether the check digits of an IBAN are right. ISO 13616, ISO 7064.
func checkIBAN(iban []byte) bool {
	plain := bytes.ReplaceAll(iban, []byte(" "), nil)
	if len(plain) < 15 || len(plain) > 34 {
		return false
	}
	var digits strings.Builder
	for _, c := range append(bytes.Clone(plain[4:]), plain[:4]...) {
		switch {
		case '0' <= c && c <= '9':
			digits.WriteByte(c)
		case 'A' <= c && c <= 'Z':
			digits.WriteString(strconv.Itoa(int(c-'A') + 10))
		default:
			return false
		}
	}
	n, ok := new(big.Int).SetString(digits.String(), 10)
	return ok && n.Mod(n, big.NewInt(97)).Int64() == 1
}

// notExample accepts what does not end as the keys in the documentation of AWS do.
func notExample(key []byte) bool { return !bytes.HasSuffix(key, []byte("EXAMPLE")) }

// hasDigit accepts what has a digit, as random keys have and names have not.
func hasDigit(key []byte) bool { return bytes.ContainsAny(key, "0123456789") }

// checkDiscord reports whether the first part of a bot's token is its number, in base64.
func checkDiscord(token []byte) bool {
	first, _, _ := bytes.Cut(token, []byte("."))
	number, err := base64.RawURLEncoding.AppendDecode(nil, first)
	if err != nil {
		return false
	}
	_, err = strconv.ParseUint(string(number), 10, 64)
	return err == nil
}

func fixDiscord(token []byte) []byte {
	_, rest, _ := bytes.Cut(token, []byte("."))
	sum := uint64(crc32.ChecksumIEEE(token)) // any number will do
	number := strconv.FormatUint(100_000_000_000_000_000+sum, 10)
	return append([]byte(base64.RawURLEncoding.EncodeToString([]byte(number))+"."), rest...)
}

// checkPEM reports whether a block of PEM has a line as long as those of keys are.
func checkPEM(block []byte) bool {
	run := 0
	for _, c := range block {
		switch {
		case '0' <= c && c <= '9', 'A' <= c && c <= 'Z', 'a' <= c && c <= 'z', c == '+', c == '/', c == '=':
			if run++; run >= 30 {
				return true
			}
		default:
			run = 0
		}
	}
	return false
}

// fixPEM makes a block of something else.
func fixPEM(seed []byte) []byte {
	kinds := [...]string{"PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "OPENSSH PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "PGP PRIVATE KEY BLOCK"}
	sum := sha512.Sum512(seed)
	block := &pem.Block{Type: kinds[int(sum[0])%len(kinds)], Bytes: bytes.Repeat(sum[:], 1+int(sum[1])%20)}
	return bytes.TrimSpace(pem.EncodeToMemory(block))
}

// checkUserPassword reports whether a text is user:password in base64. RFC 7617.
func checkUserPassword(text []byte) bool {
	decoded, err := base64.StdEncoding.AppendDecode(nil, text)
	return err == nil && bytes.IndexByte(decoded, ':') > 0 && utf8.Valid(decoded)
}

func fixUserPassword(text []byte) []byte {
	return base64.StdEncoding.AppendEncode(nil, append([]byte("me:"), text...))
}
