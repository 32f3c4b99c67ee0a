package respond

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/perennialauth/perennial/internal/auth"
)

// Form is a request's parameters, however they were encoded. Its methods
// return a zero value and remember the reason when a parameter has the wrong
// type or format; ask [Form.Err] once after reading everything. Parameters
// nobody asks for are ignored. It is not safe for concurrent use.
type Form struct {
	fields map[string]field
	files  map[string]file
	errs   []error
}

// field is one parameter: texts from a form, or the raw value from JSON.
type field struct {
	texts []string
	json  json.RawMessage
}

type file struct {
	content []byte
	kind    string
}

func newForm() *Form {
	return &Form{fields: map[string]field{}, files: map[string]file{}}
}

// Err returns nil, or why the request must be refused: an [*auth.Error] for
// the first parameter in error, joined with those for the others.
func (f *Form) Err() error {
	if len(f.errs) == 1 {
		return f.errs[0]
	}
	return errors.Join(f.errs...)
}

// Fail adds a reason to refuse the request.
func (f *Form) Fail(code auth.Code, name string) {
	for _, have := range f.errs {
		var e *auth.Error
		if errors.As(have, &e) && e.Param == name {
			return // one reason per parameter
		}
	}
	f.errs = append(f.errs, auth.RefuseParam(code, name))
}

// Has says whether the parameter was sent, even empty or null.
func (f *Form) Has(name string) bool {
	_, ok := f.fields[name]
	return ok
}

// Given says whether a parameter is present and not null.
func (f *Form) Given(name string) bool {
	have, ok := f.fields[name]
	return ok && !isNull(have.json)
}

// Keys are the names sent, sorted.
func (f *Form) Keys() []string { return slices.Sorted(maps.Keys(f.fields)) }

// String returns the text of a parameter, "" when absent, empty or null.
func (f *Form) String(name string) string {
	s := f.Optional(name)
	if s == nil {
		return ""
	}
	return *s
}

// Required returns the text of a parameter that must not be absent or empty.
func (f *Form) Required(name string) string {
	switch s := f.Optional(name); {
	case s == nil:
		f.Fail(auth.CodeParamMissing, name)
		return ""
	case *s == "":
		f.Fail(auth.CodeParamNil, name)
		return ""
	default:
		return *s
	}
}

// Optional returns nil when the parameter is absent, and its text otherwise;
// null is the empty text, which is how the SDKs clear a value in a form. Of
// repeated values the last counts.
func (f *Form) Optional(name string) *string {
	have, ok := f.fields[name]
	if !ok {
		return nil
	}
	s := ""
	if have.json != nil {
		if isNull(have.json) {
			return &s
		}
		if json.Unmarshal(have.json, &s) != nil {
			f.Fail(auth.CodeParamInvalid, name)
			return nil
		}
		return &s
	}
	if len(have.texts) > 0 {
		s = have.texts[len(have.texts)-1]
	}
	if !f.clean(name, s) {
		return nil
	}
	return &s
}

// clean refuses text that is not UTF-8 or has a NUL: neither survives every
// store and log unchanged, so two different values could become one.
func (f *Form) clean(name, s string) bool {
	if utf8.ValidString(s) && !strings.ContainsRune(s, 0) {
		return true
	}
	f.Fail(auth.CodeParamFormatInvalid, name)
	return false
}

// Bool returns a boolean parameter, false when absent, empty or null.
func (f *Form) Bool(name string) bool {
	b := f.OptionalBool(name)
	return b != nil && *b
}

// OptionalBool returns nil when the parameter is absent, empty or null. Forms
// say true, false, 1 or 0; JSON must use its booleans.
func (f *Form) OptionalBool(name string) *bool {
	var b bool
	if raw := f.fields[name].json; raw != nil {
		if isNull(raw) {
			return nil
		}
		if json.Unmarshal(raw, &b) != nil {
			f.Fail(auth.CodeParamInvalid, name)
			return nil
		}
		return &b
	}
	switch s := f.String(name); s {
	case "":
		return nil
	case "true", "1":
		b = true
	case "false", "0":
	default:
		f.Fail(auth.CodeParamInvalid, name)
		return nil
	}
	return &b
}

// Int returns an integer parameter, or def when absent, empty or null.
func (f *Form) Int(name string, def int64) int64 {
	if n := f.OptionalInt(name); n != nil {
		return *n
	}
	return def
}

// OptionalInt returns nil when the parameter is absent, empty or null.
// Fractions and exponents are refused.
func (f *Form) OptionalInt(name string) *int64 {
	have, ok := f.fields[name]
	if !ok {
		return nil
	}
	text := string(bytes.TrimSpace(have.json))
	if have.json == nil {
		text = f.String(name)
	}
	if text == "" || text == "null" {
		return nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		f.Fail(auth.CodeParamInvalid, name)
		return nil
	}
	return &n
}

// Strings returns every value of a repeated parameter, in order: name and
// name[] in a form, an array or one string in JSON. Nil when absent.
func (f *Form) Strings(name string) []string {
	var out []string
	for _, key := range []string{name, name + "[]"} {
		have, ok := f.fields[key]
		if !ok || isNull(have.json) {
			continue
		}
		texts := have.texts
		if have.json != nil {
			texts = f.jsonStrings(name, have.json)
		}
		for _, s := range texts {
			if f.clean(name, s) {
				out = append(out, s)
			}
		}
	}
	return out
}

func (f *Form) jsonStrings(name string, raw json.RawMessage) []string {
	// Pointers, because null would decode into an empty string.
	var elements []*string
	if json.Unmarshal(raw, &elements) == nil && !slices.Contains(elements, nil) {
		list := make([]string, 0, len(elements))
		for _, e := range elements {
			list = append(list, *e)
		}
		return list
	}
	var one string
	if json.Unmarshal(raw, &one) != nil {
		f.Fail(auth.CodeParamInvalid, name)
		return nil
	}
	return []string{one}
}

// CommaList is [Form.Strings] for values that cannot contain a comma: some
// SDKs repeat the parameter, others join its values. Empty values are dropped.
func (f *Form) CommaList(name string) []string {
	var out []string
	for _, s := range f.Strings(name) {
		for part := range strings.SplitSeq(s, ",") {
			if part = strings.TrimSpace(part); part != "" {
				out = append(out, part)
			}
		}
	}
	return out
}

// Object returns a parameter that is a JSON object: itself in JSON, its text
// in a form. Present is false when it was not sent; null and empty are {}.
func (f *Form) Object(name string) (raw json.RawMessage, present bool) {
	have, ok := f.fields[name]
	if !ok {
		return nil, false
	}
	raw = have.json
	if raw == nil {
		raw = json.RawMessage(f.String(name))
		if len(bytes.TrimSpace(raw)) == 0 {
			return json.RawMessage("{}"), true
		}
		if checkJSON(raw) != nil {
			f.Fail(auth.CodeParamFormatInvalid, name)
			return nil, true
		}
	}
	if isNull(raw) {
		return json.RawMessage("{}"), true
	}
	var compact bytes.Buffer
	if raw = bytes.TrimSpace(raw); raw[0] != '{' || json.Compact(&compact, raw) != nil {
		f.Fail(auth.CodeParamInvalid, name)
		return nil, true
	}
	return compact.Bytes(), true
}

// File returns an uploaded file and its declared content type.
func (f *Form) File(name string) (content []byte, contentType string, ok bool) {
	have, ok := f.files[name]
	return have.content, have.kind, ok
}

func isNull(raw json.RawMessage) bool {
	return bytes.Equal(bytes.TrimSpace(raw), []byte("null"))
}
