package auth

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// ClaimsSubject is what the values of claims are taken from: a session, its
// user and the organization it acts in, the zero one for none.
type ClaimsSubject struct {
	Session Session
	User    User
	Acting  Belonging
	Member  []Belonging // all that are known
	// ImageURL is where an image is served.
	ImageURL func(ImageID) string
}

// shortcode is one place for a value: {{path}}, {{path || 'otherwise'}}.
var shortcode = regexp.MustCompile(`\{\{([^{}]*)\}\}`)

// RenderClaims returns the claims of a template with values in the place of its
// shortcodes. A text that is nothing but a shortcode becomes the value with its
// type, null when there is none; inside a longer text values become text. It
// refuses with [CodeTokenTooLarge] what exceeds [MaxTokenClaims].
func RenderClaims(template json.RawMessage, s ClaimsSubject) (json.RawMessage, error) {
	claims, err := renderClaims(template, s)
	if err != nil {
		return nil, err
	}
	out, err := json.Marshal(claims)
	if err == nil && len(out) > MaxTokenClaims {
		err = Refuse(CodeTokenTooLarge)
	}
	return out, err
}

func renderClaims(template json.RawMessage, s ClaimsSubject) (map[string]any, error) {
	claims, err := decodeClaims(template)
	if err != nil {
		return nil, err
	}
	for name, v := range claims {
		claims[name] = s.fill(v)
	}
	return claims, nil
}

func decodeClaims(raw json.RawMessage) (claims map[string]any, _ error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	return claims, d.Decode(&claims)
}

// checkClaims refuses claims that are too large, reserved, or contain a
// shortcode that nothing could ever take the place of.
func checkClaims(raw json.RawMessage, reserved []string, param string) error {
	if len(raw) > MaxClaimsTemplate {
		return RefuseParam(CodeParamTooLong, param)
	}
	claims, err := decodeClaims(raw)
	if err != nil || claims == nil || depthOf(claims) > metadataDepth {
		return RefuseParam(CodeParamInvalid, param)
	}
	for name, v := range claims {
		if slices.Contains(reserved, name) {
			return &Error{Code: CodeReservedClaim, Param: param, Meta: map[string]any{"claim": name}}
		}
		if !shortcodesKnown(v) {
			return RefuseParam(CodeParamInvalid, param)
		}
	}
	return nil
}

func depthOf(v any) int {
	deepest := 0
	switch v := v.(type) {
	case map[string]any:
		for _, e := range v {
			deepest = max(deepest, depthOf(e)+1)
		}
	case []any:
		for _, e := range v {
			deepest = max(deepest, depthOf(e)+1)
		}
	}
	return deepest
}

func shortcodesKnown(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		for _, e := range v {
			if !shortcodesKnown(e) {
				return false
			}
		}
	case []any:
		return !slices.ContainsFunc(v, func(e any) bool { return !shortcodesKnown(e) })
	case string:
		for _, m := range shortcode.FindAllStringSubmatch(v, -1) {
			for operand := range strings.SplitSeq(m[1], "||") {
				if _, literal := literalOf(operand); !literal && !pathKnown(strings.TrimSpace(operand)) {
					return false
				}
			}
		}
	}
	return true
}

// fill returns v with values in the place of shortcodes.
func (s ClaimsSubject) fill(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, e := range v {
			v[name] = s.fill(e)
		}
	case []any:
		for i, e := range v {
			v[i] = s.fill(e)
		}
	case string:
		if m := shortcode.FindStringSubmatch(v); m != nil && m[0] == strings.TrimSpace(v) {
			return s.evaluate(m[1])
		}
		return shortcode.ReplaceAllStringFunc(v, func(place string) string {
			return textOf(s.evaluate(place[2 : len(place)-2]))
		})
	}
	return v
}

// evaluate is the first of the operands that has a value: one that is neither
// missing, false nor empty, as published; the last one else.
func (s ClaimsSubject) evaluate(expression string) (v any) {
	for operand := range strings.SplitSeq(expression, "||") {
		var literal bool
		if v, literal = literalOf(operand); !literal {
			v = s.value(strings.Split(strings.TrimSpace(operand), "."))
		}
		if v != nil && v != false && v != "" {
			return v
		}
	}
	return v
}

// literalOf reads a number, true, false, null, or a text in either quotes.
func literalOf(operand string) (v any, ok bool) {
	operand = strings.TrimSpace(operand)
	if n := len(operand); n >= 2 && operand[0] == '\'' && operand[n-1] == '\'' {
		return operand[1 : n-1], true
	}
	d := json.NewDecoder(strings.NewReader(operand))
	d.UseNumber()
	if d.Decode(&v) != nil || d.More() {
		return nil, false
	}
	return v, true
}

// textOf is a value inside a longer text.
func textOf(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	out, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(out)
}
