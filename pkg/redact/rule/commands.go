package rule

// commands are secrets that are known by the names that are given to them.
var commands = []*Rule{
	{
		ID:       "env-secret",
		Title:    "secret in an environment variable",
		Regexp:   `\b[A-Z][0-9A-Z_]*(?:PASSWORD|PASSWD|TOKEN|SECRET|API_KEY)=(?:"([^"\r\n]+)|'([^'\r\n]+)|([^\s"'` + "`" + `;&|<>(){}$\\]+))`,
		Keywords: []string{"password=", "passwd=", "token=", "secret=", "api_key="},
		Check:    notPlaceholder,
		Hit:      `export DB_PASSWORD="{secret}"`,
		Miss:     "export DB_PASSWORD=$SECRET",
	},
}
