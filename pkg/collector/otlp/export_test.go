package otlp

// DecodePartialSuccess decodes an ExportLogsServiceResponse.
func DecodePartialSuccess(mediaType string, body []byte) (rejected int64, message string, ok bool) {
	p, ok := decodePartialSuccess(mediaType, body)
	return p.rejected, p.message, ok
}

// DecodeStatus decodes a google.rpc.Status.
var DecodeStatus = decodeStatus
