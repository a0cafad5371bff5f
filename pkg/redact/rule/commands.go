package rule

import (
	"bytes"
	"strings"
	"unicode"
)

// commands are secrets that are known by the names, flags and commands they are given to.
var commands = []*Rule{
	{ID: "env-password", Title: "password in an environment variable",
		Regexp:   `\b(?:[A-Z][0-9A-Z_]*_)?(?:PASSWORD|PASSWD|PASSPHRASE|MYSQL_PWD)=` + shellValue,
		Keywords: []string{"password=", "passwd=", "passphrase=", "mysql_pwd="}, Check: notPlaceholder,
		Hit:  `export DB_PASSWORD="{secret}"`,
		Miss: "export DB_PASSWORD=$SECRET"},
	{ID: "env-pass", Title: "password in an environment variable that ends in _PASS or _PWD",
		Regexp:   `\b[A-Z][0-9A-Z_]*_(?:PASS|PWD)=` + shellValue,
		Keywords: []string{"_pass=", "_pwd="}, Check: notPlaceholder,
		Hit:  `SMTP_PASS="{secret}" ./send`,
		Miss: "CI_PASS=true"},
	{ID: "env-secret", Title: "token or secret in an environment variable",
		Regexp: `\b(?:[A-Z][0-9A-Z_]*_)?(?:SECRET|TOKEN|CREDENTIALS?|API_?KEY|(?:ACCESS|SECRET|PRIVATE|ENCRYPTION|SIGNING|MASTER|AUTH)_?KEY)=` + shellValue,
		Keywords: []string{"secret=", "token=", "credential=", "credentials=", "api_key=", "apikey=", "access_key=", "secret_key=", "private_key=", "encryption_key=",
			"signing_key=", "master_key=", "auth_key=", "accesskey=", "secretkey=", "privatekey=", "encryptionkey=", "signingkey=", "masterkey=", "authkey="},
		Check: longSecret, Allow: inPages,
		Hit:  `API_TOKEN="{secret}"`,
		Miss: "export API_TOKEN=<your token>"},
	{ID: "env-key", Title: "key in an environment variable",
		Regexp:   `\b[A-Z][0-9A-Z_]*_KEY=` + quote + `?([0-9A-Za-z+/=_.:~@!-]{8,})`,
		Keywords: []string{"_key="}, Check: looksRandom,
		Hit:  `APP_KEY="{secret}"`,
		Miss: "SORT_KEY=created_at"},
	// In JSON, YAML, TOML, source code, headers, forms and URLs.
	{ID: "named-password", Title: "password by its name",
		Regexp: `(?i)(?:passw(?:or)?d|passphrase|passcode|[_.-]pass|[;&?_.-]pwd|(?-i:Pwd))` + named,
		Keywords: []string{"password=", "password:", `password"`, "password'", `password\`, "password =", "password :", "password  ", "password\t", "password`",
			"passwd", "passphrase", "passcode", "_pass=", "_pass:", `_pass"`, "_pass'", `_pass\`, "_pass ", "_pass`", "-pass=", "-pass:", `-pass"`, "-pass'", `-pass\`, "-pass ", "-pass`",
			".pass=", ".pass:", `.pass"`, ".pass'", `.pass\`, ".pass ", ".pass`", "pwd=", "pwd:", `pwd"`, "pwd'", `pwd\`, "pwd ", "pwd`", "_pass\t", "-pass\t", ".pass\t", "pwd\t"},
		Check: notPlaceholder, Allow: inPassword,
		Hit:  `{"user": "app", "password": "{secret}"}`,
		Miss: "password: string"},
	{ID: "named-secret", Title: "token, key or secret by its name",
		Regexp: `(?i)(?:secret|token|credentials?|api[_-]?key|(?:access|secret|private|encryption|signing|master|auth|account)[_-]?key)` + named,
		Keywords: []string{"secret=", "secret:", `secret"`, "secret'", `secret\`, "secret =", "secret :", "secret  ", "secret\t", "secret`",
			"token=", "token:", `token"`, "token'", `token\`, "token =", "token :", "token  ", "token\t", "token`",
			"credential", "api_key", "api-key", "apikey", "access_key", "access-key", "accesskey", "secret_key", "secret-key", "secretkey",
			"private_key", "private-key", "privatekey", "encryption_key", "encryption-key", "encryptionkey", "signing_key", "signing-key", "signingkey",
			"master_key", "master-key", "masterkey", "auth_key", "auth-key", "authkey", "account_key", "account-key", "accountkey"},
		Check: looksRandom, Allow: inSecret,
		Hit:  `client_secret: "{secret}"`,
		Miss: `token: "access_token"`},
	{ID: "password-flag", Title: "password or token as a flag",
		Regexp: `(?:^|[^\w-])--?(?:[0-9a-z]+-)*(?:password|passwd|passphrase|pass|token|secret|api-?key|(?:access|secret|private|auth)-key)` +
			`(?:=|\s+|` + quote + `\s*,\s*` + quote + `)` + argument,
		Keywords: []string{"-password", "-passwd", "-passphrase", "-pass", "-token", "-secret", "-api-key", "-apikey", "-access-key", "-private-key", "-auth-key"},
		Check:    notPlaceholder, Allow: inFlag,
		Hit:  `vault login --password "{secret}"`,
		Miss: "use --password-stdin or --password to be asked"},
	{ID: "curl-user", Title: "password that curl sends",
		Regexp:   `\bcurl\b[^\r\n|;]*?\s(?:-[A-Za-z]*u|--user|--proxy-user|-U)[\s=]?` + quote + `?[^\s"'\\:/]+:([^\s"'\\]{2,})`,
		Keywords: []string{"curl"}, Check: notPlaceholder,
		Hit:  "curl -sSf -u admin:{secret} https://example.com",
		Miss: "curl -u admin:$PASSWORD https://example.com"},
	{ID: "mysql-password", Title: "password that a client of MySQL is given",
		Regexp:   `\b(?:mysql|mariadb)[a-z-]*\s[^\r\n|;]*?-p` + argument,
		Keywords: []string{"mysql", "mariadb"}, Check: notPlaceholder, Allow: inMySQL,
		Hit:  `mysqldump -u root -p"{secret}" app`,
		Miss: "mysql -h db -p3306:3306 app"},
	{ID: "login-password", Title: "password that a command is given to log in",
		Regexp:   `(?:\bsshpass\s+-p|\blogin\b[^\r\n|;]*?\s-p|\bredis-cli\b[^\r\n|;]*?\s-a|\bldap\w+\b[^\r\n|;]*?\s-w|\bmongo(?:sh|dump|restore|export|import)?\b[^\r\n|;]*?\s-p|\bsqlcmd\b[^\r\n|;]*?\s-P|\bhtpasswd\s+-\w*b\w*\s+\S+\s+\S+)[\s=]*` + argument,
		Keywords: []string{"sshpass", "login", "redis-cli", "ldap", "mongo", "sqlcmd", "htpasswd"}, Check: notPlaceholder, Allow: inFlag,
		Hit:  `sshpass -p "{secret}" ssh web1`,
		Miss: "docker login -p $TOKEN"},
	{ID: "openssl-pass", Title: "password that OpenSSL is given",
		Regexp:   `-pass(?:in|out)?\s+pass:` + argument,
		Keywords: []string{" pass:"}, Check: notPlaceholder,
		Hit:  `openssl rsa -passin pass:"{secret}" -in key.pem`,
		Miss: "openssl rsa -passin pass:$PW"},
	{ID: "piped-password", Title: "password that echo writes to a command",
		Regexp:   `\b(?:echo|printf)\s+(?:-\w+\s+)*` + argument + `\\*["']?\s*\|[^\r\n|;]*(?:-stdin\b|\bsudo\s[^\r\n|;]*-\w*S|\bchpasswd\b)`,
		Keywords: []string{"-stdin", "sudo", "chpasswd"}, Check: notPlaceholder,
		Hit:  `echo "{secret}" | docker login -u me --password-stdin`,
		Miss: "echo $TOKEN | docker login -u me --password-stdin"},
	{ID: "kubectl-secret", Title: "secret that kubectl creates",
		Regexp:   `--from-literal[\s=]+` + quote + `?[\w.-]+=` + argument,
		Keywords: []string{"--from-literal"}, Check: notPlaceholder,
		Hit:  `kubectl create secret generic db --from-literal=key="{secret}"`,
		Miss: "kubectl create secret generic db --from-literal=key=$VALUE"},
	{ID: "sql-password", Title: "password in SQL",
		Regexp:   `(?i)\b(?:(?:user|role|to)\s+[^\s;]+\s+identified\s+(?:with\s+\S+\s+)?(?:by|as)|(?:with|encrypted|login|(?:user|role)\s+[^\s;]+)\s+password)\s+` + quote + `([^'"\\\r\n]{2,})\\*["']`,
		Keywords: []string{"identified", "password '", `password "`, `password \`, "password\t", "password\n", "password  "}, Check: notPlaceholder, Allow: inMessage,
		Hit:  `ALTER USER app WITH PASSWORD "{secret}";`,
		Miss: "CREATE USER app PASSWORD '$1';"},
}

const (
	// shellValue is what is assigned to a variable in a shell or a .env file.
	shellValue = `(?:\\*"([^"\\\r\n]{3,})|\\*'([^'\\\r\n]{3,})|([^\s"'` + "`" + `;&|<>(){}\\][^\s"'` + "`" + `;&|<>\\]{2,}))`

	// argument is one argument of a command.
	argument = `(?:\\*"([^"\\\r\n]{2,})|\\*'([^'\\\r\n]{2,})|([^\s"'` + "`" + `;&|<>(){}\\-][^\s"'` + "`" + `;&|<>\\]+))`

	// named is a value after its name.
	named = quote + `?(?:[ ]?|[ ]{2,30}|\t{1,8})(?:=>|:=|[=:])[ \t]{0,30}` +
		`(?:"((?:[^"\\\r\n]|\\[^"nrt])+)|'((?:[^'\\\r\n]|\\[^'nrt])+)|\\+"([^"\\\r\n]+)|\\+'([^'\\\r\n]+)|` +
		`([^\s"'` + "`" + `,;&|<>(){}\[\]\\][^\s"'` + "`" + `,;&|<>(){}\[\]\\]{3,}))`
)

// longSecret accepts what is long enough for a token or key, and no number.
func longSecret(value []byte) bool {
	return len(value) >= 8 && notPlaceholder(value) && !isNumber(value)
}

func isNumber(value []byte) bool {
	return bytes.IndexFunc(value, func(c rune) bool { return !unicode.IsDigit(c) }) < 0
}

// isQuoted reports whether text[secret.Start:secret.End] begins with a quote.
func isQuoted(text []byte, secret Span) bool {
	return secret.Start > 0 && bytes.IndexByte([]byte("\"'"), text[secret.Start-1]) >= 0
}

// inPassword allows what follows the word password in messages and in source code, and is no
// password itself.
func inPassword(text []byte, match, secret Span) bool {
	value := text[secret.Start:secret.End]
	plain := !hasDigit(value) && !bytes.ContainsAny(value, "!@#$%^&*?+~=")
	switch {
	case value[0] == '/' || bytes.HasPrefix(value, []byte("~/")) || bytes.HasPrefix(value, []byte("./")):
		return true // of a file; PWD is a directory
	case isNumeral(value):
		return true
	case isQuoted(text, secret):
		return bytes.IndexByte(value, ' ') >= 0 || plain && len(value) < 6
	case plain:
		// A word: the value of a form, or an expression in a program.
		next := byte('&')
		if secret.End < len(text) {
			next = text[secret.End]
		}
		return text[secret.Start-1] != '=' || bytes.IndexByte([]byte("& \t\r\n\"'\\"), next) < 0
	}
	return inExpression(text, secret)
}

// inSecret allows what follows such a name in source code.
func inSecret(text []byte, match, secret Span) bool {
	value := text[secret.Start:secret.End]
	return isURL(value) || isNumeral(value) || !isQuoted(text, secret) && inExpression(text, secret) || inPages(text, match, secret)
}

// inPages allows tokens that say where a list goes on, or that a request is the same one.
func inPages(text []byte, match, secret Span) bool {
	before := bytes.ToLower(text[max(0, secret.Start-64):secret.Start])
	i := bytes.LastIndex(before, []byte("token"))
	if i < 0 {
		return false
	}
	name := strings.TrimRight(string(before[:i]), "_-")
	for _, word := range [...]string{"next", "page", "pagination", "continuation", "starting", "sync", "idempotency", "request", "cancellation"} {
		if strings.HasSuffix(name, word) {
			return true
		}
	}
	return false
}

// inExpression reports whether an unquoted value is part of an expression of a program: it is
// called or indexed, or a member of something.
func inExpression(text []byte, secret Span) bool {
	if secret.End < len(text) && bytes.IndexByte([]byte("([{"), text[secret.End]) >= 0 {
		return true
	}
	value := string(text[secret.Start:secret.End])
	return text[secret.Start-1] == ' ' && strings.Contains(value, ".") && isName(strings.ReplaceAll(value, ".", ""))
}

// isNumeral reports whether a value is a number in hexadecimal, as constants are.
func isNumeral(value []byte) bool {
	return bytes.HasPrefix(bytes.TrimPrefix(value, []byte("-")), []byte("0x")) && len(value) <= 18
}

func isURL(value []byte) bool { return bytes.Contains(value, []byte("://")) }

// inFlag allows words of a text about flags.
func inFlag(text []byte, match, secret Span) bool {
	value := text[secret.Start:secret.End]
	before := text[secret.Start-1]
	return !isQuoted(text, secret) && before != '=' && !hasDigit(value) && len(value) < 12 || inPages(text, match, secret)
}

// inMySQL allows ports, and flags that begin with p.
func inMySQL(text []byte, match, secret Span) bool {
	value := text[secret.Start:secret.End]
	number, _, _ := bytes.Cut(value, []byte(":"))
	return text[secret.Start-1] == 'p' && isNumber(number)
}

// inMessage allows sentences.
func inMessage(text []byte, match, secret Span) bool {
	return bytes.IndexByte(text[secret.Start:secret.End], ' ') >= 0
}
