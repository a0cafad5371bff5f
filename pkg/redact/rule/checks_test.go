package rule_test

import (
	"fmt"
	"hash/crc32"
	"slices"
	"strconv"
	"strings"
	"testing"

	"auditctl/pkg/redact/rule"
)

// The lengths and alphabets are those that the vendors document, or that all of their tokens
// have.
func TestShapesOfVendors(t *testing.T) {
	const (
		hex    = "3f9a1c07b5e2d864"
		upper  = "Q7ZKX2M4VBTN5LRD"
		base62 = "q7Zr93kLmVt4bN0sXw2Y"
	)
	set := newSet(t, rule.Secrets()...)
	for _, test := range []struct {
		id, prefix, alphabet string
		n                    int
	}{
		{"aws-access-key-id", "AKIA", upper, 16},
		{"aws-access-key-id", "ASIA", upper, 16},
		{"google-api-key", "AIza", base62, 35},
		{"google-oauth-secret", "GOCSPX-", base62, 28},
		{"digitalocean-token", "dop_v1_", hex, 64},
		{"cloudflare-key", "cfut_", base62, 48},
		{"anthropic-key", "sk-ant-api03-", base62, 95},
		{"huggingface-token", "hf_", "qZrkLmVtbNsXwYaB", 34},
		{"groq-key", "gsk_", base62, 52},
		{"xai-key", "xai-", base62, 80},
		{"perplexity-key", "pplx-", base62, 48},
		{"openrouter-key", "sk-or-v1-", hex, 64},
		{"replicate-token", "r8_", base62, 37},
		{"sk-key", "sk-", hex, 32},
		{"github-fine-grained-token", "github_pat_", base62, 22 + 1 + 59},
		{"gitlab-token", "glpat-", base62, 20},
		{"docker-token", "dckr_pat_", base62, 27},
		{"rubygems-key", "rubygems_", hex, 48},
		{"pypi-token", "pypi-AgEIcHlwaS5vcmc", base62, 150},
		{"slack-token", "xoxb-", base62, 51},
		{"mailgun-key", "key-", hex, 32},
		{"stripe-key", "sk_live_", base62, 24},
		{"stripe-key", "rk_test_", base62, 99},
		{"shopify-token", "shpat_", hex, 32},
		{"newrelic-key", "NRAK-", upper, 27},
		{"linear-key", "lin_api_", base62, 40},
		{"figma-token", "figd_", base62, 40},
		{"vault-token", "hvs.", base62, 91},
		{"databricks-token", "dapi", hex, 32},
		{"supabase-key", "sbp_", hex, 40},
		{"age-key", "AGE-SECRET-KEY-1", "QPZRY9X8GF2TVDW0", 58},
	} {
		random := strings.Repeat(test.alphabet, 12)[:test.n]
		if test.id == "github-fine-grained-token" {
			random = random[:22] + "_" + random[23:]
		}
		text := "x " + test.prefix + random + " y"
		if got, want := find(set, text), []string{test.id + ": " + test.prefix + random}; !slices.Equal(got, want) {
			t.Errorf("in %q are %q, want %s", text, got, test.id)
		}
	}
}

func TestChecks(t *testing.T) {
	crc := func(text string) uint32 { return crc32.ChecksumIEEE([]byte(text)) }
	gitlab := "glpat-" + strings.Repeat("q7Zr93kLm", 5) + ".01.19"
	atlassian := "ATATT3xFf" + strings.Repeat("q7Zr93kLm", 8) + "="
	set := newSet(t, rule.Secrets()...)
	for _, test := range []struct {
		token string
		is    bool
	}{
		// The example of GitHub's announcement of the format, and that of Grafana's documentation.
		{"ghp_" + "zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ" + "0mLq17", true},
		{"ghp_" + "zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ" + "0mLq18", false},
		{"npm_" + "zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ" + "0mLq17", true},
		{"glsa_" + "yscW25imSKJIuav8zF37RZmnbiDvB05G" + "_fcaaf58a", true},
		{"glsa_" + "yscW25imSKJIuav8zF37RZmnbiDvB05G" + "_8af5aafc", false},
		{gitlab + fmt.Sprintf("%07s", strconv.FormatInt(int64(crc(gitlab)), 36)), true},
		{gitlab + fmt.Sprintf("%07s", strconv.FormatInt(int64(crc(gitlab+".")), 36)), false},
		{atlassian + fmt.Sprintf("%08X", crc(atlassian)), true},
		{atlassian + fmt.Sprintf("%08X", crc(atlassian+"=")), false},
		{"eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.", true}, // {"alg":"none"}
		{"eyJ0eXAiOiJKV1QifQ.eyJzdWIiOiJhIn0.", false}, // {"typ":"JWT"}
	} {
		if got := find(set, "a "+test.token+" b"); (len(got) > 0) != test.is {
			t.Errorf("%s: found %q, want %v", test.token, got, test.is)
		}
	}
}
