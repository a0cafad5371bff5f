package rule

// services are payments, databases, monitoring and what else programs call.
var services = []*Rule{
	{
		// https://docs.stripe.com/keys
		ID:       "stripe-key",
		Title:    "Stripe secret key",
		Regexp:   start + `((?:sk|rk)_(?:live|test)_[0-9A-Za-z]{20,})`,
		Keywords: []string{"sk_live_", "sk_test_", "rk_live_", "rk_test_"},
		Entropy:  3,
		Hit:      "curl https://api.stripe.com/v1/charges -H 'Stripe: {secret}'",
		Miss:     "sk_test_xxxxxxxxxxxxxxxxxxxxxxxx",
	},
}
