package rule

// models are providers of models, and what agents use beside them.
var models = []*Rule{
	{
		// API keys, keys of administrators, and tokens of OAuth and sessions.
		ID:       "anthropic-key",
		Title:    "Anthropic key",
		Regexp:   start + `(sk-ant-[a-z]{3,6}\d\d-[\w-]{80,})`,
		Keywords: []string{"sk-ant-"},
		Entropy:  3,
		Hit:      "x-api-key: {secret}",
		Miss:     "sk-ant-api03-your-key-here",
	},
	{
		ID:    "openai-key",
		Title: "OpenAI key",
		Regexp: start + `(sk-(?:(?:proj|svcacct|admin|None)-[\w-]{20,}T3BlbkFJ[\w-]{20,}|` +
			`[0-9A-Za-z]{20}T3BlbkFJ[0-9A-Za-z]{20}))`,
		Keywords: []string{"t3blbkfj"},
		Hit:      "OpenAI(api_key='{secret}')",
		Miss:     "sk-proj-...T3BlbkFJ...",
	},
}
