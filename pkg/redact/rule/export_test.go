package rule

// PlainMatches is what [Set.AppendMatches] finds without base64, with each expression tried
// on all of text.
func PlainMatches(set *Set, text []byte) []Match {
	var found []Match
	for _, s := range set.searches {
		found = s.append(found, text, 0, len(text))
	}
	return appendMerged(nil, found)
}

// NeedsKeywords reports whether it is certain that what the expression of r matches has one
// of its keywords.
func NeedsKeywords(r *Rule) bool {
	set, err := NewSet([]*Rule{r})
	if err != nil {
		panic(err)
	}
	s := set.searches[0]
	s.prepare()
	return s.needed
}

// HasPrefixes reports whether the secrets of r are found in base64.
func HasPrefixes(r *Rule) bool { return len(r.prefixes()) > 0 }
