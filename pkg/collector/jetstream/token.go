package jetstream

import "auditctl/pkg/collector/jetstream/internal/message"

// Token encodes text as one token of a subject. ASCII letters, digits, _ and - are kept,
// except that the text - is written as %2D; any other byte is written as %XX, and the empty
// text as %. A token that would be longer than 96 bytes is cut, and ends with ~ and a hash
// of the text, so that different texts have different tokens.
func Token(text string) string { return message.Token(text) }
