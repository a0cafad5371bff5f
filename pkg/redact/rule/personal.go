package rule

// personal are data of people.
var personal = []*Rule{
	{
		ID:       "email",
		Title:    "mail address",
		Personal: true,
		Regexp:   `\b([0-9A-Za-z][0-9A-Za-z._%+'-]{0,63}@(?:[0-9A-Za-z](?:[0-9A-Za-z-]{0,61}[0-9A-Za-z])?\.)+[A-Za-z]{2,24})\b`,
		Keywords: []string{"@"},
		Hit:      "mail from {secret}, yesterday",
		Miss:     "go get example.com/x@v1.2.3",
	},
}
