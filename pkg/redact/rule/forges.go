package rule

// forges are where code and packages are kept.
var forges = []*Rule{
	{
		// https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github#githubs-token-formats
		ID:       "github-token",
		Title:    "GitHub access token",
		Regexp:   start + `(gh[pousr]_[0-9A-Za-z]{36})\b`,
		Keywords: []string{"ghp_", "gho_", "ghu_", "ghs_", "ghr_"},
		Check:    checkGitHub,
		fix:      fixGitHub,
		Hit:      "git clone https://{secret}@github.com/o/r",
		Miss:     "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
	},
	{
		// https://github.blog/changelog/2026-04-24-notice-about-upcoming-new-format-for-github-app-installation-tokens/
		ID:       "github-installation-token",
		Title:    "GitHub App installation token",
		Regexp:   start + `(ghs_[0-9A-Za-z]+_ey[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,})`,
		Keywords: []string{"ghs_"},
		Hit:      "GH_TOKEN: {secret}",
		Miss:     "ghs_APPID_JWT",
	},
	{
		ID:       "github-fine-grained-token",
		Title:    "GitHub fine-grained personal access token",
		Regexp:   start + `(github_pat_[0-9A-Za-z]{22}_[0-9A-Za-z]{59})\b`,
		Keywords: []string{"github_pat_"},
		Entropy:  3,
		Hit:      "gh auth login --with-token <<< {secret}",
		Miss:     "github_pat_xxxxxxxxxxxxxxxxxxxxxx_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
	},
	{
		// https://docs.gitlab.com/security/tokens/#token-prefixes
		ID:    "gitlab-token",
		Title: "GitLab token",
		Regexp: start + `(gl(?:pat|dt|rtr?|cbt|ptt|ft|imt|agent|oas|soat|ffct|wt)-` +
			`(?:[\w-]{27,}\.[0-9a-z]{2}\.[0-9a-z]{9}|[\w-]{20,}))`,
		Keywords: []string{"glpat-", "gldt-", "glrt-", "glrtr-", "glcbt-", "glptt-", "glft-", "glimt-", "glagent-", "gloas-", "glsoat-", "glffct-", "glwt-"},
		Entropy:  3,
		Check:    checkGitLab,
		fix:      fixGitLab,
		Hit:      "PRIVATE-TOKEN: {secret}",
		Miss:     "glpat-xxxxxxxxxxxxxxxxxxxx",
	},
	{
		ID:       "npm-token",
		Title:    "npm access token",
		Regexp:   start + `(npm_[0-9A-Za-z]{36})\b`,
		Keywords: []string{"npm_"},
		Check:    checkGitHub,
		fix:      fixGitHub,
		Hit:      "//registry.npmjs.org/:_authToken={secret}",
		Miss:     "npm_config_registry",
	},
}
