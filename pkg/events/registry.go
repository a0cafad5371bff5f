package events

import (
	"errors"
	"fmt"
	"reflect"
	"sync"
)

// ErrUnknownType says that this package has no typed form for an event type.
// Events of such types are events all the same.
var ErrUnknownType = errors.New("unknown event type")

// types lists the constructors of all types.
var types = []struct {
	name string
	make func() Record
}{
	{TypeBase, func() Record { return NewBase() }},
	{TypeTurnStart, func() Record { return NewTurnStart() }},
	{TypeTurnEnd, func() Record { return NewTurnEnd() }},
	{TypeToolCallAttempt, func() Record { return NewToolCallAttempt() }},
	{TypeToolCallComplete, func() Record { return NewToolCallComplete() }},
	{TypeToolCallFailure, func() Record { return NewToolCallFailure() }},
	{TypeToolPolicyDecision, func() Record { return NewToolPolicyDecision() }},
	{TypeSandboxDecision, func() Record { return NewSandboxDecision() }},
	{TypeToolLoopWarning, func() Record { return NewToolLoopWarning() }},
	{TypeToolLoopBlock, func() Record { return NewToolLoopBlock() }},
	{TypeHookMutation, func() Record { return NewHookMutation() }},
	{TypeError, func() Record { return NewError() }},
	{TypeSkillUsed, func() Record { return NewSkillUsed() }},
	{TypeSkillAuthored, func() Record { return NewSkillAuthored() }},
	{TypeSkillFeedback, func() Record { return NewSkillFeedback() }},
	{TypeAgentSwitch, func() Record { return NewAgentSwitch() }},
}

// envelopeOfType returns the envelope with which the constructor of a struct type
// starts: the zero Envelope if the package has no such type.
func envelopeOfType(t reflect.Type) Envelope { return envelopesByType()[t] }

var envelopesByType = sync.OnceValue(func() map[reflect.Type]Envelope {
	all := map[reflect.Type]Envelope{}
	for _, t := range types {
		r := t.make()
		all[reflect.TypeOf(r).Elem()] = *r.envelope()
	}
	return all
})

// Types returns the names of the event types that have a typed form.
func Types() []string {
	names := make([]string, len(types))
	for i, t := range types {
		names[i] = t.name
	}
	return names
}

// NewRecord returns a record of the named type with its defaults. The error
// wraps [ErrUnknownType].
func NewRecord(eventType string) (Record, error) {
	for _, t := range types {
		if t.name == eventType {
			return t.make(), nil
		}
	}
	return nil, fmt.Errorf("%w %q", ErrUnknownType, eventType)
}
