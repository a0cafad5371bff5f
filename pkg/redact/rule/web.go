package rule

// web are secrets in URLs and in the headers of requests.
var web = []*Rule{
	{ID: "url-password", Title: "password in a URL",
		Regexp:   `\b[A-Za-z][0-9A-Za-z+.-]*:\\?/\\?/[^\s/?#:@"'<>\\` + "`" + `]*:([^\s/?#"'<>\\` + "`" + `]{2,})@[\w.\[$%{-]`,
		Keywords: []string{"://", `:\/\/`}, Check: notPlaceholder, Allow: inPort,
		Hit:  "postgres://app:{secret}@db.internal:5432/app",
		Miss: "postgres://user:password@localhost/db"},
	{ID: "url-token", Title: "token as the user of a URL",
		Regexp:   `\bhttps?://([0-9A-Za-z_-]{20,})@[\w.-]`,
		Keywords: []string{"http://", "https://"}, Check: looksRandom,
		Hit:  "git push https://{secret}@git.example.com/a.git",
		Miss: "https://continuous-integration-user@git.example.com"},
	{ID: "authorization", Title: "Authorization header",
		Regexp: `(?i)\bauthorization` + quote + `?\s{0,4}[:=,]>?\s{0,4}` + quote + `?(?:` +
			`(?:digest|oauth|hawk|mac|aws4-hmac-sha256|aws4-ecdsa-p256-sha256|sharedkey(?:lite)?|signature|credential)\s+([^\r\n']{8,})|` +
			`[a-z][\w-]{1,30}[ :=]+([0-9a-z._~+/:=|-]{6,})|` +
			`([0-9a-z._~+/:=|-]{8,}))`,
		Keywords: []string{"authorization"}, Check: looksAuthorized,
		Hit:  "curl -H 'Authorization: Digest {secret}'",
		Miss: "Authorization: Bearer $TOKEN"},
	{ID: "bearer-token", Title: "bearer token",
		Regexp:   `(?i)\bbearer(?:\s+|%20|:\s?)([0-9a-z._~+/-]{16,}=*)`,
		Keywords: []string{"bearer"}, Check: looksRandom,
		Hit:  "sent Bearer {secret} to the server",
		Miss: "Bearer authentication-is-required"},
	{ID: "cookie", Title: "Cookie or Set-Cookie header",
		Regexp: `(?i)\b(?:set-)?cookies?` + quote + `?\s{0,2}[:=]\s{0,2}` + quote + `?` +
			`([\w.!#$%&*+^|~-]+=[^\s;,"'<>\\(){}]+(?:;\s?[\w.!#$%&*+^|~-]+=[^\s;,"'<>\\(){}]*)*)`,
		Keywords: []string{"cookie:", "cookie\"", "cookie'", "cookie\\", "cookie :", "cookie =", "cookie=", "cookies:", "cookies\"", "cookies="},
		Check:    checkCookie,
		Hit:      "Set-Cookie: {secret}; HttpOnly",
		Miss:     "Cookie: name=$VALUE"},
	{ID: "curl-cookie", Title: "cookie that curl sends",
		Regexp:   `\bcurl\b[^\r\n|;]*?\s(?:-b|--cookie)[\s=]?` + quote + `?([\w.-]+=[^\s"'\\$]{4,})`,
		Keywords: []string{"curl"}, Check: checkCookie,
		Hit:  "curl -s -b {secret} https://example.com",
		Miss: "curl -b cookies.txt https://example.com"},
	// Signatures of AWS, Google Cloud, Azure and Alibaba that let anyone with the URL in.
	{ID: "signed-url", Title: "signature of a signed URL",
		Regexp: `(?i)(?:[?&;]|\\u0026|%26)(?:x-(?:amz|goog|oss)-(?:signature|security-token)|signature|sig)(?:=|%3D)` +
			`([0-9a-z%+/_~.=-]{16,})`,
		Keywords: []string{"signature=", "security-token=", "sig=", "signature%3d", "security-token%3d", "sig%3d"}, Entropy: 3, Check: hasDigit,
		Hit:  "https://a.blob.core.windows.net/c/b?sv=2024-11-04&sr=b&sig={secret}",
		Miss: "https://example.com/?sig=none"},
	{ID: "mysql-dsn", Title: "password in a data source name",
		Regexp:   `[\w.$-]:([^\s:"'` + "`" + `<>]{2,})@(?:tcp|unix|udp)\(`,
		Keywords: []string{"@tcp(", "@unix(", "@udp("}, Check: notPlaceholder,
		Hit:  `sql.Open("mysql", "app:{secret}@tcp(db:3306)/app")`,
		Miss: "user:password@tcp(localhost:3306)/db"},
	{ID: "oracle-dsn", Title: "password in an Oracle connection",
		Regexp:   `(?i)(?:\b(?:sqlplus|expdp|impdp|sqlldr)\s+(?:-\w+\s+)*|oracle:(?:thin|oci):)\w[\w.$-]*/([^\s/@"'<>\\]{2,})@`,
		Keywords: []string{"sqlplus", "expdp", "impdp", "sqlldr", "oracle:thin:", "oracle:oci:"}, Check: notPlaceholder,
		Hit:  "sqlplus scott/{secret}@orcl",
		Miss: "sqlplus scott/$PW@orcl"},
	// https://everything.curl.dev/usingcurl/netrc.html
	{ID: "netrc", Title: "password in .netrc",
		Regexp:   `(?s)\bmachine\s.{1,200}?\bpassword(?:\s|\\+[nrt])+([^\s\\"']{2,})`,
		Keywords: []string{"machine ", "machine\t", "machine\n"}, Check: notPlaceholder,
		Hit:  "machine git.example.com login me password {secret}",
		Miss: "machine git.example.com login me password $PW"},
	// https://www.postgresql.org/docs/current/libpq-pgpass.html
	{ID: "pgpass", Title: "password in .pgpass",
		Regexp:   `(?m)(?:^|\\n|[\s"'=])[\w.*-]+:(?:543\d|\*):[\w.*-]+:[\w.*-]+:([^\s\\]{2,})`,
		Keywords: []string{":543", ":*:"}, Check: notPlaceholder,
		Hit:  "db.internal:5432:app:app:{secret}",
		Miss: "localhost:5432 is open"},
	// crypt(5), and those of Apache, Argon2, Django and LDAP.
	{ID: "password-hash", Title: "hash of a password",
		Regexp: `(\$(?:(?:1|apr1)\$[0-9A-Za-z./]{1,8}\$[0-9A-Za-z./]{22}|[56]\$(?:rounds=\d+\$)?[0-9A-Za-z./]{1,16}\$[0-9A-Za-z./]{43,86}|` +
			`2[abxy]\$\d\d\$[0-9A-Za-z./]{53}|g?y\$[0-9A-Za-z./]+\$[0-9A-Za-z./]{1,86}\$[0-9A-Za-z./]{43}|7\$[0-9A-Za-z./]{11,97}\$[0-9A-Za-z./]{43}|` +
			`argon2(?:id|i|d)\$v=\d+\$m=\d+,t=\d+,p=\d+\$[0-9A-Za-z+/]{8,}\$[0-9A-Za-z+/]{16,})|` +
			`pbkdf2_sha(?:1|256|512)\$\d+\$[0-9A-Za-z]+\$[0-9A-Za-z+/=]{20,}|\{S?SHA\}[0-9A-Za-z+/]{27,}={0,2})`,
		Keywords: []string{"$1$", "$apr1$", "$5$", "$6$", "$2a$", "$2b$", "$2x$", "$2y$", "$y$", "$gy$", "$7$", "$argon2", "pbkdf2_sha", "{SHA}", "{SSHA}"},
		Hit:      "root:{secret}:19000:0:99999:7:::",
		Miss:     "echo $1$2$3"},
}
