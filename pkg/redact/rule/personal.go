package rule

import (
	"bytes"
	"net/netip"
	"slices"
	"strings"
)

// personal are data of people.
var personal = []*Rule{
	{ID: "email", Title: "mail address", Personal: true,
		Regexp:   `([\p{L}\p{N}_][\p{L}\p{N}._%+'-]{0,63}@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)+[\p{L}]{2,24})`,
		Keywords: []string{"@"}, Check: checkEmail,
		Hit:  "mail from {secret}, yesterday",
		Miss: "images/icon@2x.png of git@github.com:o/r"},
	// International numbers with + or 00, and those of North America; ten digits at least.
	{ID: "phone", Title: "telephone number", Personal: true,
		Regexp: `(?:^|[^\w.+/=-])((?:\+|00)[1-9]\d{0,2}[ .-]?(?:\(0?\d{1,4}\)[ .-]?)?\d{1,4}(?:[ .-]?\d{2,4}){1,4}|` +
			`(?:1[ .-])?(?:\([2-9]\d{2}\) ?[2-9]\d{2}[ .-]\d{4}|[2-9]\d{2}[.-][2-9]\d{2}[.-]\d{4}))\b`,
		Shape: Digits, Check: checkPhone, Allow: inID,
		Hit:  "call {secret} today",
		Miss: "since 2026-03-09 08:14:02 +0200, build 1773044042117"},
	// Of Visa, Mastercard, American Express, Diners Club, Discover, JCB and UnionPay.
	{ID: "card-number", Title: "number of a payment card", Personal: true,
		Regexp: `(?:^|[^\w.+/-])((?:4\d{3}|5[1-5]\d{2}|2(?:2[3-9]|[3-6]\d|7[01])\d|222[1-9]|2720|6011|6[245]\d{2}|35(?:2[89]|[3-8]\d))` +
			`(?:\d{12}| \d{4} \d{4} \d{4}|-\d{4}-\d{4}-\d{4})|3[47]\d{2}(?:\d{11}| \d{6} \d{5}|-\d{6}-\d{5})|` +
			`3(?:0[0-5]|[689]\d)\d(?:\d{10}| \d{6} \d{4}|-\d{6}-\d{4})|62\d{17})\b`,
		Shape: Digits, Check: checkLuhn, Allow: inLonger,
		Hit:  "card {secret} was declined",
		Miss: "order 4111 1111 1111 1112"},
	// Addresses of machines in private networks as well, not those of the machine itself.
	{ID: "ipv4", Title: "IPv4 address", Personal: true,
		Regexp: `(?:^|[^\w.-])((?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3})\b`,
		Shape:  Dots, Check: checkAddress, Allow: inVersion,
		Hit:  "from {secret}:52114",
		Miss: "127.0.0.1, 0.0.0.0, v1.2.3.4, 1.2.3.4-rc1, version 1.2.3.4, Chrome/120.0.0.0"},
	{ID: "ipv6", Title: "IPv6 address", Personal: true,
		Regexp: `(?:^|[^\w:.-])(::(?i:ffff):\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}|(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}|(?:[0-9A-Fa-f]{1,4}:){1,7}(?::[0-9A-Fa-f]{1,4}){1,6}|` +
			`:(?::[0-9A-Fa-f]{1,4}){2,7})\b`,
		Shape: Colons, Check: checkAddress, Allow: inLonger,
		Hit:  "listening on [{secret}]:443",
		Miss: "::1, 10:20:30, 00:1b:63:84:45:e6, 00:1b:63:84:45:e6:00:01, std::abs, Ad::Bed"},
	// ISO 13616.
	{ID: "iban", Title: "bank account number (IBAN)", Personal: true,
		Regexp: `\b([A-Z]{2}\d{2} ?(?:[A-Z]{4} ?)?\d{4} ?\d{4} ?\d{2}(?:\d{2})?(?: ?\d[0-9A-Z]{0,3}){0,4})\b`,
		Shape:  Digits, Check: checkIBAN,
		Hit:  "pay to {secret}.",
		Miss: "DE00 1234 5678 9012 3456 78"},
	{ID: "ssn", Title: "US social security number", Personal: true,
		Regexp:   `(?i)\b(?:ssn|social security(?: number| no\.?)?)\b[^\w\r\n]{1,8}(?:is )?([0-8]\d{2}[ -]?\d{2}[ -]?\d{4})\b`,
		Keywords: []string{"ssn", "social security"},
		Hit:      "SSN: {secret}",
		Miss:     "SSN: 123-45"},
}

// checkEmail rejects names of files, as pictures for screens of a high resolution have, and
// the user that forges give to everybody.
func checkEmail(address []byte) bool {
	if bytes.HasPrefix(address, []byte("git@")) {
		return false
	}
	switch strings.ToLower(string(address[bytes.LastIndexByte(address, '.')+1:])) {
	case "png", "jpg", "jpeg", "gif", "webp", "svg", "avif", "js", "mjs", "cjs", "css", "ts", "tsx", "jsx", "json", "html", "tgz", "zip", "whl", "jar", "service", "local":
		return false
	}
	return true
}

// checkPhone accepts numbers that are as long as telephone numbers are, and no dates.
// ITU-T E.164 allows 15 digits.
func checkPhone(number []byte) bool {
	digits := 0
	for i, c := range number {
		if '0' <= c && c <= '9' {
			digits++
		} else if c == '-' && i >= 4 && i+3 < len(number) && number[i+3] == '-' {
			return false // 2006-01-02
		}
	}
	if bytes.HasPrefix(number, []byte("00")) {
		digits -= 2
	}
	return digits >= 10 && digits <= 15
}

// checkAddress accepts IP addresses that are those of a machine, and seen from others.
func checkAddress(text []byte) bool {
	address, err := netip.ParseAddr(string(text))
	if err != nil || address.IsLoopback() || address.IsUnspecified() || address.IsMulticast() {
		return false
	}
	if address.Is4() {
		b := address.As4()
		return b[0] != 0 && b[0] != 255 && !(b[1] == 0 && b[2] == 0 && b[3] == 0)
	}
	// Not identifiers of hardware, nor names in source code.
	longest, run := 0, 0
	for _, c := range text {
		if run++; c == ':' || c == '.' {
			run = 0
		}
		longest = max(longest, run)
	}
	return longest >= 3 && hasDigit(text)
}

// inVersion allows what is called a version, compared like one, or longer than an address.
func inVersion(text []byte, match, secret Span) bool {
	before := bytes.ToLower(text[max(0, secret.Start-12):secret.Start])
	for _, sign := range [...]string{"==", ">=", "<=", "~=", "!="} {
		if bytes.HasSuffix(before, []byte(sign)) {
			return true
		}
	}
	before = bytes.TrimRight(before, " \t\"':=")
	return bytes.HasSuffix(before, []byte("version")) || bytes.HasSuffix(before, []byte("ver.")) || inLonger(text, match, secret)
}

// inID allows what inLonger does, and ids that look like telephone numbers abroad: UUIDs, and
// strings of digits only that begin with 00 and that no key calls a telephone number.
func inID(text []byte, match, secret Span) bool {
	const uuid = len("00477957-5691-495d-82c1-")
	rest := text[secret.Start:]
	if len(rest) >= uuid && rest[8] == '-' && rest[13] == '-' && rest[18] == '-' && rest[uuid-1] == '-' {
		return true
	}
	if isNumber(text[secret.Start:secret.End]) && isDelimited(text, secret) {
		key := bytes.ToLower(text[max(secret.Start-len(`"phone_number": "`), 0):secret.Start])
		return !slices.ContainsFunc([]string{"phone", "mobile", "tel", "fax"}, func(name string) bool { return bytes.Contains(key, []byte(name)) })
	}
	return inLonger(text, match, secret)
}

// isDelimited reports whether text[s.Start:s.End] is all of the text, of what is between
// quotes, or of what follows a key.
func isDelimited(text []byte, s Span) bool {
	before, after := text[:s.Start], text[s.End:]
	return (len(before) == 0 || bytes.IndexByte([]byte(`"'=`), before[len(before)-1]) >= 0 || bytes.HasSuffix(before, []byte(": "))) &&
		(len(after) == 0 || bytes.IndexByte([]byte(`"'\`), after[0]) >= 0)
}

// inLonger allows what goes on after a dot, hyphen or colon: dots and colons with digits,
// hyphens with letters.
func inLonger(text []byte, match, secret Span) bool {
	if len(text) < secret.End+2 {
		return false
	}
	next, letter := text[secret.End+1], text[secret.End+1]|0x20
	switch text[secret.End] {
	case '.':
		return '0' <= next && next <= '9'
	case ':':
		return bytes.IndexByte(text[secret.Start:secret.End], ':') >= 0 && ('0' <= next && next <= '9' || 'a' <= letter && letter <= 'f')
	case '-':
		return 'a' <= letter && letter <= 'z'
	}
	return false
}
