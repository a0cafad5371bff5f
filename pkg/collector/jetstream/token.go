package jetstream

import "auditctl/pkg/collector/jetstream/internal/message"

// Token returns text as one token of a subject. ASCII letters, digits and _ stay;
// - stays, but for a text that is nothing else; any other byte is written as
// %XX. The empty text is %. A token of more than 96 bytes is cut, and ends with ~
// and a hash of the whole text, so that two texts never share a token.
func Token(text string) string { return message.Token(text) }
