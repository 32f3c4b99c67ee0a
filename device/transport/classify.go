package transport

import (
	"bytes"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"unicode/utf8"

	"github.com/perennialauth/perennial/device/core"
	"github.com/perennialauth/perennial/wire"
)

// maxDepth is the deepest nesting of any published answer, with room; metadata
// that an app nests deeper than this makes an answer unreadable, not fatal.
const maxDepth = 100

// classify judges a complete answer. It never panics, whatever the bytes.
func classify(request core.SendRequest, answer core.Responded, contentType string, body []byte) core.Responded {
	isJSON, trouble := looksLikeJSON(contentType, body)
	if isJSON {
		readError(&answer, body)
	}
	ambiguous := func(t core.Trouble) core.Responded {
		answer.Class, answer.Trouble = core.Ambiguous, t
		return answer
	}
	switch status := answer.Status; {
	case status >= 500:
		return ambiguous(core.TroubleServer)
	case status == http.StatusTooManyRequests:
		return ambiguous(core.TroubleRateLimited)
	case status == http.StatusProxyAuthRequired:
		return ambiguous(core.TroubleProxy)
	case status >= 400:
		return classifyRefusal(request, answer, isJSON, trouble)
	case status >= 300:
		return ambiguous(core.TroubleRedirect)
	case status < 200:
		return ambiguous(core.TroubleUnknown)
	case !isJSON:
		return ambiguous(trouble)
	case (request.Kind == core.ReadClient || request.Kind == core.RedeemFlow) && status != http.StatusOK:
		return ambiguous(core.TroubleUnexplained)
	}
	return accept(request, answer, body)
}

// classifyRefusal judges a 4xx answer. Reading the client is never refused: the
// published server answers an unknown credential with another client, so a 4xx
// there came from somewhere else.
func classifyRefusal(request core.SendRequest, answer core.Responded, isJSON bool, trouble core.Trouble) core.Responded {
	answer.Class = core.Ambiguous
	switch {
	case !isJSON:
		answer.Trouble = trouble
	case answer.Code == "":
		answer.Trouble = core.TroubleMalformed
	case request.Kind == core.ReadClient:
		answer.Trouble = core.TroubleUnexplained
	default:
		answer.Class = core.Refused
	}
	return answer
}

// accept reads a 2xx answer into what the request asked for.
func accept(request core.SendRequest, answer core.Responded, body []byte) core.Responded {
	read := answer
	err := decode(request, &read, body)
	switch {
	case err == nil:
		read.Class = core.Accepted
		return read
	case errors.Is(err, errOther):
		answer.Trouble = core.TroubleForeign
	default:
		answer.Trouble = core.TroubleMalformed
	}
	// Nothing of a half-read answer may leak out.
	answer.Class = core.Ambiguous
	return answer
}

// looksLikeJSON checks type, size, depth and encoding before anything is
// decoded. The trouble is set when it reports false.
func looksLikeJSON(contentType string, body []byte) (bool, core.Trouble) {
	media, _, err := mime.ParseMediaType(contentType)
	switch {
	case len(bytes.TrimSpace(body)) == 0:
		return false, core.TroubleEmpty
	case err != nil || media != "application/json":
		return false, core.TroubleNotJSON
	case tooDeep(body):
		return false, core.TroubleTooLarge
	case !utf8.Valid(body) || !json.Valid(body):
		return false, core.TroubleMalformed
	}
	return true, core.TroubleNone
}

// tooDeep counts brackets outside strings, without recursion.
func tooDeep(body []byte) bool {
	depth, inString, escaped := 0, false, false
	for _, c := range body {
		switch {
		case escaped:
			escaped = false
		case inString:
			escaped, inString = c == '\\', c != '"'
		case c == '"':
			inString = true
		case c == '[' || c == '{':
			if depth++; depth > maxDepth {
				return true
			}
		case c == ']' || c == '}':
			depth--
		}
	}
	return false
}

// readError takes code and words of the first error, if body is the published
// error envelope.
func readError(answer *core.Responded, body []byte) {
	if answer.Status < 400 {
		return
	}
	var envelope struct {
		Errors []struct {
			wire.Error
			Meta json.RawMessage `json:"meta"`
		} `json:"errors"`
		TraceID json.RawMessage `json:"clerk_trace_id"`
	}
	if json.Unmarshal(body, &envelope) != nil || len(envelope.Errors) == 0 || !validID(envelope.Errors[0].Code) {
		return
	}
	first := envelope.Errors[0]
	answer.Code = first.Code
	answer.Message = clean(first.LongMessage)
	if answer.Message == "" {
		answer.Message = clean(first.Message)
	}
	var meta struct {
		ParamName string `json:"param_name"`
	}
	if json.Unmarshal(first.Meta, &meta) == nil {
		answer.Param = clean(meta.ParamName)
	}
	var trace string
	if answer.Trace == "" && json.Unmarshal(envelope.TraceID, &trace) == nil {
		answer.Trace = traceID(trace)
	}
}
