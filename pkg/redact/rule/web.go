package rule

// web are secrets in URLs and in the headers of requests.
var web = []*Rule{
	{
		ID:       "url-password",
		Title:    "password in a URL",
		Regexp:   `\b[A-Za-z][0-9A-Za-z+.-]*://[^\s/?#:@"'<>\\]*:([^\s/?#"'<>\\${}%*][^\s/?#"'<>\\]*)@`,
		Keywords: []string{"://"},
		Check:    notPlaceholder,
		Hit:      "postgres://app:{secret}@db.internal:5432/app",
		Miss:     "postgres://user:password@localhost/db",
	},
}
