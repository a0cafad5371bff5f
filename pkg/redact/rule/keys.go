package rule

// keys are private keys, and tokens that are signed.
var keys = []*Rule{
	// The whole block, or what is left of one that was cut off. Its line breaks may be escaped,
	// and its lines be quoted, numbered or joined.
	{ID: "private-key", Title: "private key",
		Regexp: `(-{4,5} ?BEGIN (?:[0-9A-Z]+ ){0,3}PRIVATE KEY(?: BLOCK)? ?-{4,5}` +
			`(?:` + pemSpace + `*(?:(?:Proc-Type|DEK-Info|Version|Comment|Charset|Hash): ?[^\r\n\\]*|[0-9A-Za-z+/=\\]{16,}))+` +
			`(?:(?:` + pemSpace + `*[0-9A-Za-z+/=\\]{1,15}){0,3}` + pemSpace + `*-{4,5} ?END (?:[0-9A-Z]+ ){0,3}PRIVATE KEY(?: BLOCK)? ?-{4,5}|` +
			pemSpace + `*[0-9A-Za-z+/=\\]{1,15}\z)?)`,
		Keywords: []string{"private key-----", "private key block-----", "private key ----"}, Check: checkPEM, fix: fixPEM,
		Hit:  "cat id_rsa\n{secret}\n",
		Miss: `if bytes.HasPrefix(b, "-----BEGIN PRIVATE KEY-----") {`},
	{ID: "putty-key", Title: "PuTTY private key",
		Regexp:   `Private-Lines: \d+(?:\s|\\+[nr])+([0-9A-Za-z+/=]{16,}(?:(?:\s|\\+[nr])+[0-9A-Za-z+/=]{16,})*(?:(?:\s|\\+[nr])+[0-9A-Za-z+/=]{4,15})?)(?:[\s\\]|\z)`,
		Keywords: []string{"private-lines:"},
		Hit:      "Private-Lines: 1\n{secret}\nPrivate-MAC: 00",
		Miss:     "Private-Lines: none"},
	// Signed or encrypted, with the signature or without.
	{ID: "jwt", Title: "JSON Web Token",
		Regexp:   start + `(e[wy][\w-]{10,}\.(?:[\w-]*\.[\w-]+\.[\w-]+\.[\w-]+|[\w-]{4,}(?:\.[\w-]*)?))`,
		Keywords: []string{"eyJ", "eyA", "ewo", "ew0"}, Check: checkJOSE, fix: fixJOSE,
		Hit:  "expired: {secret}",
		Miss: "eyJjdXJzb3IiOiAxMjN9.eyJhIjoxfQ"},
	{ID: "jwk", Title: "private JSON Web Key",
		Regexp:   `\\*"(?:d|k|p|q|dp|dq|qi)\\*"\s?:\s?\\*"([\w-]{22,})\\*"[^{}]*?\\*"kty\\*"|\\*"kty\\*"[^{}]*?\\*"(?:d|k)\\*"\s?:\s?\\*"([\w-]{22,})`,
		Keywords: []string{"kty"}, Entropy: 3,
		Hit:  `{"crv":"P-256","d":"{secret}","kty":"EC"}`,
		Miss: `{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"}`},
	// https://github.com/FiloSottile/age
	{ID: "age-key", Title: "age secret key",
		Regexp:   start + `(AGE-SECRET-KEY-(?:PQ-)?1[02-9AC-HJ-NP-Z]{58,})`,
		Keywords: []string{"age-secret-key-"}, Entropy: 3,
		Hit:  "age -d -i - <<< {secret}",
		Miss: "AGE-SECRET-KEY-1..."},
	// https://docs.nats.io/running-a-nats-service/configuration/securing_nats/auth_intro/nkey_auth
	{ID: "nkey-seed", Title: "NKEY seed",
		Regexp:   `BEGIN [A-Z]+ NKEY SEED-{3,}(?:\s|\\+[nr])+(S[A-Z2-7]{57})\b`,
		Keywords: []string{"nkey seed-"}, Entropy: 3,
		Hit:  "-----BEGIN USER NKEY SEED-----\n{secret}\n------END USER NKEY SEED------",
		Miss: "-----BEGIN USER NKEY SEED-----\n..."},
	{ID: "wireguard-key", Title: "WireGuard key",
		Regexp:   `(?:PrivateKey|PresharedKey)\s{0,3}=\s{0,3}([0-9A-Za-z+/]{43}=)`,
		Keywords: []string{"privatekey", "presharedkey"}, Entropy: 3,
		Hit:  "[Interface]\nPrivateKey = {secret}\n",
		Miss: "PrivateKey = "},
}

// pemSpace is what may be between the lines of a block of PEM.
const pemSpace = `(?:[\s"'+,|>]|\d{0,6}→|\\+[nrt])`
