package rule

// chats are where people talk, and what sends mail and messages to them.
var chats = []*Rule{
	{
		// https://docs.slack.dev/authentication/tokens
		ID:       "slack-token",
		Title:    "Slack token",
		Regexp:   start + `(xox[a-z](?:\.xox[a-z])?-[0-9A-Za-z%-]{20,}|xapp-\d-[0-9A-Z]{8,}-\d{8,}-[0-9a-f]{40,})`,
		Keywords: []string{"xox", "xapp-"},
		Entropy:  3,
		Hit:      "slack.WebClient({secret})",
		Miss:     "xoxb-your-token",
	},
}
