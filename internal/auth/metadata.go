package auth

import (
	"bytes"
	"encoding/json"
)

const (
	// MetadataLimit bounds one stored metadata object, in bytes of JSON, as
	// published: every client document carries two of them, and anybody can sign
	// up and fill one.
	MetadataLimit = 8 << 10
	// metadataDepth bounds nesting, so that no reader recurses without end.
	metadataDepth = 64
)

// ParseMetadata returns raw as a canonical JSON object: members sorted, the
// last of equal names kept. Empty and null are the empty object. Errors have
// code [CodeParamInvalid], or [CodeParamTooLong] past [MetadataLimit].
func ParseMetadata(raw json.RawMessage, param string) (json.RawMessage, error) {
	m, err := metadataObject(raw, param)
	if err != nil {
		return nil, err
	}
	return encodeMetadata(m, param)
}

// MergeMetadata merges patch into old as RFC 7396 does: objects merge at every
// depth and null removes a member. Errors as from [ParseMetadata].
func MergeMetadata(old, patch json.RawMessage, param string) (json.RawMessage, error) {
	to, err := metadataObject(old, param)
	if err != nil {
		return nil, err
	}
	from, err := metadataObject(patch, param)
	if err != nil {
		return nil, err
	}
	return encodeMetadata(mergeObject(to, from), param)
}

func mergeObject(to, from map[string]any) map[string]any {
	if to == nil {
		to = map[string]any{}
	}
	for name, v := range from {
		switch v := v.(type) {
		case nil:
			delete(to, name)
		case map[string]any:
			was, _ := to[name].(map[string]any)
			to[name] = mergeObject(was, v)
		default:
			to[name] = v
		}
	}
	return to
}

func metadataObject(raw json.RawMessage, param string) (map[string]any, error) {
	if t := bytes.TrimSpace(raw); len(t) == 0 || bytes.Equal(t, []byte("null")) {
		return map[string]any{}, nil
	}
	// Numbers stay text: a 64-bit id must come back digit for digit.
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var m map[string]any
	if err := dec.Decode(&m); err != nil || dec.More() || m == nil || !shallow(m, metadataDepth) {
		return nil, RefuseParam(CodeParamInvalid, param)
	}
	return m, nil
}

func shallow(v any, left int) bool {
	if left == 0 {
		return false
	}
	switch v := v.(type) {
	case map[string]any:
		for _, member := range v {
			if !shallow(member, left-1) {
				return false
			}
		}
	case []any:
		for _, element := range v {
			if !shallow(element, left-1) {
				return false
			}
		}
	}
	return true
}

func encodeMetadata(m map[string]any, param string) (json.RawMessage, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(m); err != nil {
		return nil, RefuseParam(CodeParamInvalid, param)
	}
	text := bytes.TrimSpace(out.Bytes())
	if len(text) > MetadataLimit {
		return nil, &Error{Code: CodeParamTooLong, Param: param, Meta: map[string]any{"max_length": MetadataLimit}}
	}
	return text, nil
}
