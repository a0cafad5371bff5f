package rule

// keys are private keys, and tokens that are signed.
var keys = []*Rule{
	{
		ID:       "jwt",
		Title:    "JSON Web Token",
		Regexp:   start + `(ey[\w-]{10,}(?:\.[\w-]*){1,4})`,
		Keywords: []string{"eyj", "eya", "ewo"},
		Check:    checkJOSE,
		fix:      fixJOSE,
		Hit:      "token {secret} is expired",
		Miss:     "eyJjdXJzb3IiOiAxMjN9.eyJhIjoxfQ",
	},
}
