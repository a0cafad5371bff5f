package rule_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"auditctl/pkg/redact/rule"
)

// Where secrets are met. <pw> is a password, <key> a key without a shape, and <ghp> a token.
func TestForms(t *testing.T) {
	const pw, key = "hunter2!x", "q7Zr93kLmVt4bN0s"
	ghp := example(t, "github-token")
	set := newSet(t, rule.Secrets()...)
	for _, form := range []string{
		`<ghp>`, `"<ghp>"`, `token=<ghp>`, `a:<ghp>,b`, `(<ghp>)`, `完<ghp>完`, `x<ghp>`[1:], `a\n<ghp>\nb`, `a\\n<ghp>`, `%3D<ghp>%26`,
		"\x1b[32m<ghp>\x1b[0m", `\u0022<ghp>\u0022`, `https://<ghp>:x-oauth-basic@github.com/o/r`, `/<ghp>/`, "<ghp>\n",

		`PASSWORD=<pw>`, `export PASSWORD='<pw>'`, `PASSWORD="<pw>" make`, `env DB_PASSWORD=<pw> ./run`, `docker run -e DB_PASSWORD=<pw> db`, `{\"cmd\": \"PASSWORD=<pw> x\"}`,
		"A=1\nSMTP_PASSWD=<pw>\nB=2\n", `A=1\nPGPASSWORD=<pw>\nB=2`, `GITHUB_TOKEN=<key>`, `AWS_SECRET="<key>"`, `STRIPE_API_KEY=<key>`, `ENCRYPTION_KEY=<key>`,

		`{"password": "<pw>"}`, `{"password":"<pw>","user":"a"}`, `{\"password\": \"<pw>\"}`, `{'password': '<pw>'}`, `password: <pw>`, "db:\n  password: \"<pw>\"\n  port: 1", `password = "<pw>"`,
		`user=a&password=<pw>&x=1`, `password=<pw>`, `host=db user=a password=<pw> dbname=x`, `Server=db;Uid=a;Pwd=<pw>;`, `adminPassword: '<pw>'`, `"db_pass": "<pw>"`,
		`clientSecret: "<key>"`, `api_key=<key>`, `?access_token=<key>&a=1`, `X-Api-Key: <key>`, `PRIVATE-TOKEN: <key>`, `"apiKey":"<key>"`, `token = '<key>'`, `api-key   = "<key>"`,

		`--password <pw>`, `--password=<pw>`, `--password '<pw>'`, `-token <key>`, `--api-key=<key>`, `["--password", "<pw>"]`, `["--password","<pw>"]`, `--db-password "<pw>"`,
		`curl -u me:<pw> https://a`, `curl --user 'me:<pw>' https://a`, `curl -sS -ume:<pw> https://a`, `mysql -uroot -p<pw> db`, `mysqldump -p'<pw>' db`, `sshpass -p <pw> ssh h`,
		`docker login -u me -p <pw> ghcr.io`, `redis-cli -h h -a <pw> ping`, `echo <pw> | docker login --password-stdin`, `echo '<pw>' | sudo -S ls`, `openssl enc -pass pass:<pw>`,
		`CREATE USER a WITH PASSWORD '<pw>'`, `ALTER USER a IDENTIFIED BY '<pw>'`, `kubectl create secret generic a --from-literal=p=<pw>`,

		`Authorization: Bearer <key>`, `authorization: token <key>`, `curl -H "Authorization: Bearer <key>" https://a`, `{"Authorization": "Bearer <key>"}`, `headers["Authorization"] = "Bearer <key>"`,
		`Proxy-Authorization: Basic <key>`, `Authorization: <key>`, `{\"Authorization\":\"Bearer <key>\"}`, `with Bearer <key> it`, `Cookie: sid=<key>`, `Set-Cookie: sid=<key>; Path=/`, `"cookie": "a=b; sid=<key>"`, `curl -b sid=<key> https://a`,
		`postgres://a:<pw>@db/x`, `https://me:<pw>@example.com/a.git`, `redis://:<pw>@cache:6379/0`, `amqp://a:<pw>@mq`, `mongodb+srv://a:<pw>@c.example.net`, `a:<pw>@tcp(db:3306)/x`,
		`https://a.s3.amazonaws.com/b?X-Amz-Expires=1&X-Amz-Signature=<key>`, `https://a/b?sp=r\u0026sig=<key>`, "machine a\n  login b\n  password <pw>\n", "db:5432:*:me:<pw>\n",
	} {
		text, want := form, ""
		for name, secret := range map[string]string{"<pw>": pw, "<key>": key, "<ghp>": ghp} {
			if strings.Contains(form, name) {
				text, want = strings.ReplaceAll(text, name, secret), secret
			}
		}
		found := set.AppendMatches(nil, []byte(text))
		if !slices.ContainsFunc(found, func(m rule.Match) bool { return strings.Contains(text[m.Start:m.End], want) }) {
			t.Errorf("in %s nothing is found: %q", form, find(set, text))
		}
	}
}

// What stands for a secret, or has a name like one, is none.
func TestPlaceholders(t *testing.T) {
	set := newSet(t, rule.Secrets()...)
	for _, text := range []string{
		`PASSWORD=$PASSWORD`, `PASSWORD=${PASSWORD}`, `PASSWORD="$(pass show db)"`, `PASSWORD=<password>`, `PASSWORD=****`, `PASSWORD=xxxxxxxx`, `PASSWORD=[redacted]`, `{\"password\": \"[redacted]\"}`, `{\\\"password\\\": \\\"[redacted]\\\"}`, `PASSWORD=changeme`, `PASSWORD=%s`, `PASSWORD=`,
		`GITHUB_TOKEN=${{ secrets.GITHUB_TOKEN }}`, `token=$TOKEN`, `API_KEY=your-api-key`, `API_KEY=hmac-sha256:0123456789abcdef0123456789abcdef`, `API_KEY=os.environ["KEY"]`, `MAX_TOKENS=4096`, `"input_tokens": 12345`,
		`password = None`, `password=None`, `password: string`, `password: str = None`, `Password string`, `password := os.Getenv("PASSWORD")`, `password = getpass.getpass()`, `password=password`, `password=pw)`, `secret: process.env.SECRET`,
		`token := strings.TrimSpace(token)`, `token: Token`, `"token_type": "bearer"`, `"password": null`, `"password": "must have eight characters"`, `the password rotates`, `password {"ok":true}`, `the password: it is wrong`,
		`const apiKey = process.env.API_KEY`, `api_key=settings.API_KEY`, `--password-file /run/secrets/db`, `use --token to log in`, `the flag --token needs a value`, `--password-stdin`, `"primary_key": "order_id"`, `SORT_KEY=created_at`, `PWD=/home/me/src`, `OLDPWD=/tmp/x1`,
		`Authorization: Bearer $TOKEN`, `Authorization: Bearer <token>`, `"Authorization": "Bearer " + token`, `Authorization header is missing`, `Authorization: Basic auth is required`, `Bearer authentication is used`, `Cookie: name=$VALUE`,
		`postgres://user:password@localhost/db`, `https://user:$PASSWORD@example.com`, `https://example.com:8080/@me`, `https://registry.npmjs.org/@scope/pkg`, `ssh://git@github.com/o/r`, `http://[::1]:8080/a@b`, `image: ghcr.io/a/b:v1@sha256:0123`,
		`-----BEGIN PUBLIC KEY-----`, `"-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----"`, "\"-----BEGIN PRIVATE KEY-----\"\n\tsomeLongIdentifierName(", `curl -u "$USER:$PASS" https://a`, `docker run -p 3306:3306 mysql`, `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ me@host`,
		`{"NextToken": "q7Zr93kLmVt4bN0s"}`, `{\"nextPageToken\": \"q7Zr93kLmVt4bN0s\"}`, `aws s3api list-objects --starting-token q7Zr93kLmVt4bN0s`, `?continuation_token=q7Zr93kLmVt4bN0s`, `NEXT_TOKEN=q7Zr93kLmVt4bN0s`, `--client-request-token "q7Zr93kLmVt4bN0s"`,
		`sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855`, `h1:CcIGkQZ1ZTVZZ1yKz0yx0oVQ6pJOLBVZ0hiYIaBYvFU=`, `sess-7f3a`, `task-0123456789abcdef0123456789abcdef`,
	} {
		if got := find(set, text); got != nil {
			t.Errorf("in %s are %q, want nothing", text, got)
		}
	}
}

// A private key is found in all the ways in which texts have it, and if it is cut off.
func TestPrivateKeys(t *testing.T) {
	set := newSet(t, rule.Secrets()...)
	key := example(t, "private-key")
	lines := strings.Split(key, "\n")
	numbered := "     1→" + strings.Join(lines, "\n     2→")
	for name, text := range map[string]string{
		"escaped":        strings.ReplaceAll(key, "\n", `\n`),
		"twice escaped":  strings.ReplaceAll(key, "\n", `\\n`),
		"carriage":       strings.ReplaceAll(key, "\n", "\r\n"),
		"indented":       "key: |\n  " + strings.ReplaceAll(key, "\n", "\n  "),
		"numbered":       numbered,
		"concatenated":   `"` + strings.ReplaceAll(key, "\n", "\\n\" +\n\t\"") + `"`,
		"one line":       strings.ReplaceAll(key, "\n", " "),
		"of a diff":      "+" + strings.ReplaceAll(key, "\n", "\n+"),
		"cut off":        key[:len(key)-40],
		"cut in a line":  key[:150],
		"with headers":   strings.Replace(key, "\n", "\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00112233\n\n", 1),
		"after another":  "-----BEGIN PRIVATE KEY-----\n" + key,
		"and a sentence": key + "\nis what I found",
	} {
		rest := text
		for _, m := range slices.Backward(set.AppendMatches(nil, []byte(text))) {
			rest = rest[:m.Start] + rest[m.End:]
		}
		for _, line := range lines[1 : len(lines)-1] {
			if len(line) > 20 && strings.Contains(rest, line[:20]) {
				t.Errorf("%s: %q is left of %q", name, rest, text)
				break
			}
		}
		if name == "and a sentence" && !strings.HasSuffix(rest, "is what I found") {
			t.Errorf("%s: only %q is left", name, rest)
		}
	}
}

// Personal data, and what looks like it.
func TestPersonal(t *testing.T) {
	set := newSet(t, rule.Personal()...)
	for _, test := range []struct {
		text string
		want []string
	}{
		{"Ann <ann.o'neil+x@mail.example.co.uk>, jörg@müller.de", []string{"email: ann.o'neil+x@mail.example.co.uk", "email: jörg@müller.de"}},
		{"user@host a@b.c @scope/pkg icon@2x.png git@github.com:o/r.git v@1.2.3", nil},
		{"+49 30 901820 +14155552671 (415) 555-2671 415-555-2671 tel:+44-20-7946-0958", []string{"phone: +49 30 901820", "phone: +14155552671", "phone: (415) 555-2671", "phone: 415-555-2671", "phone: +44-20-7946-0958"}},
		{"2026-03-09T08:14:02.117000+00:00 1773044042117 10:20:30 1.2.3 +0200 1c80a3b1-799d-4123-8123-123456789012", nil},
		{"4111 1111 1111 1111, 4111111111111111; 378282246310005", []string{"card-number: 4111 1111 1111 1111", "card-number: 4111111111111111", "card-number: 378282246310005"}},
		{"4111 1111 1111 1112 0.4111111111111111 id-4111111111111111 1773044042117123456", nil},
		{"10.1.2.3:80 [2001:db8::1]:443 fe80::1%eth0 ::ffff:192.0.2.7 192.0.2.1.", []string{"ipv4: 10.1.2.3", "ipv6: 2001:db8::1", "ipv6: fe80::1", "ipv6: ::ffff:192.0.2.7", "ipv4: 192.0.2.1"}},
		{"127.0.0.1 0.0.0.0 255.255.255.0 v1.2.3.4 1.2.3.4-rc1 version 1.2.3.4 pkg==1.2.3.4 10.0.0.0 1.2.3.4.5 256.1.1.1", nil},
		{"::1 :: 00:1b:63:84:45:e6 10:20:30 std::vector a::b aa:bb:cc:dd:ee:ff:00:11", nil},
		{"DE89 3704 0044 0532 0130 00, GB29NWBK60161331926819", []string{"iban: DE89 3704 0044 0532 0130 00", "iban: GB29NWBK60161331926819"}},
		{"SSN: 078-05-1120, build 078-05-1120", []string{"ssn: 078-05-1120"}},
	} {
		if got := find(set, test.text); !slices.Equal(got, test.want) {
			t.Errorf("in %q are %q, want %q", test.text, got, test.want)
		}
	}
}

// example returns a secret of the rule with this ID.
func example(t *testing.T, id string) string {
	for _, r := range rule.Secrets() {
		if r.ID == id {
			for _, secret := range r.Examples(rand.New(rand.NewPCG(5, 6))) {
				return secret
			}
		}
	}
	t.Fatalf("there is no rule %s", id)
	return ""
}
