package otlp

import (
	"strconv"

	commonpb "go.opentelemetry.io/proto/slim/otlp/common/v1"

	"auditctl/pkg/events"
)

// maxNesting is how many levels of objects and arrays are mapped as such. Protobuf
// decoders refuse messages that are nested too deeply, some from a hundred levels on, and
// each level here takes three.
const maxNesting = 16

func attribute(key string, v *commonpb.AnyValue) *commonpb.KeyValue {
	return &commonpb.KeyValue{Key: key, Value: v}
}

func text(s string) *commonpb.AnyValue {
	return &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: s}}
}

// anyValue returns v, which is nested depth levels deep. Null is the empty value.
func anyValue(v events.Value, depth int) *commonpb.AnyValue {
	switch v.Kind() {
	case events.Absent, events.Null:
		return &commonpb.AnyValue{}
	case events.Bool:
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_BoolValue{BoolValue: string(v) == "true"}}
	case events.Number:
		if n, err := strconv.ParseInt(string(v), 10, 64); err == nil {
			return &commonpb.AnyValue{Value: &commonpb.AnyValue_IntValue{IntValue: n}}
		}
		if f, ok := v.Float(); ok {
			return &commonpb.AnyValue{Value: &commonpb.AnyValue_DoubleValue{DoubleValue: f}}
		}
	case events.Array:
		if depth < maxNesting {
			list := &commonpb.ArrayValue{}
			for element := range v.Elements() {
				list.Values = append(list.Values, anyValue(element, depth+1))
			}
			return &commonpb.AnyValue{Value: &commonpb.AnyValue_ArrayValue{ArrayValue: list}}
		}
	case events.Object:
		if depth < maxNesting {
			return &commonpb.AnyValue{Value: &commonpb.AnyValue_KvlistValue{KvlistValue: &commonpb.KeyValueList{Values: members(v, depth)}}}
		}
	}
	return text(v.String())
}

// members returns the keys and values of an object, which is nested depth levels deep. Of
// duplicate keys the last value counts.
func members(v events.Value, depth int) []*commonpb.KeyValue {
	var all []*commonpb.KeyValue
	places := map[string]int{}
	for key, value := range v.Members() {
		if i, ok := places[string(key)]; ok {
			all[i].Value = anyValue(value, depth+1)
			continue
		}
		places[string(key)] = len(all)
		all = append(all, attribute(string(key), anyValue(value, depth+1)))
	}
	return all
}
