package rule

// cloud are providers of machines, storage and hosting.
var cloud = []*Rule{
	{
		// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
		ID:       "aws-access-key-id",
		Title:    "AWS access key ID",
		Regexp:   start + `((?:AKIA|ASIA|ABIA|ACCA)[2-7A-Z]{16})\b`,
		Keywords: []string{"akia", "asia", "abia", "acca"},
		Entropy:  2.5,
		Check:    notExample,
		Hit:      "aws_access_key_id = {secret}",
		Miss:     "AKIAIOSFODNN7EXAMPLE",
	},
	{
		ID:       "gcp-api-key",
		Title:    "Google API key",
		Regexp:   start + `(AIza[\w-]{35})(?:[^\w-]|$)`,
		Keywords: []string{"aiza"},
		Entropy:  3,
		Hit:      "https://maps.googleapis.com/maps/api/js?key={secret}&v=3",
		Miss:     "AIzaXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX",
	},
}
