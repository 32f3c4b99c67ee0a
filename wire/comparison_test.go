package wire_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// A comparison holds an answer of this run against the recorded one. Keys,
// types, texts and truth values must agree; numbers are instants and counters,
// of which only the type must. Keys that are new are fine: the SDKs read past
// what they do not know. Names of the recording are bound on the way.
type comparison struct {
	bindings *bindings
	found    []string
}

func (c *comparison) differ(path, format string, args ...any) {
	c.found = append(c.found, path+": "+fmt.Sprintf(format, args...))
}

func (c *comparison) value(path string, want, got any) {
	switch want := want.(type) {
	case map[string]any:
		if got, ok := got.(map[string]any); ok {
			c.object(path, want, got)
			return
		}
	case []any:
		if got, ok := got.([]any); ok {
			c.list(path, want, got)
			return
		}
	case string:
		if got, ok := got.(string); ok {
			c.text(path, want, got)
			return
		}
	case float64:
		if _, ok := got.(float64); ok {
			return
		}
	default: // null, true, false
		if want == got {
			return
		}
	}
	c.differ(path, "is %s, recorded was %s", describe(got), describe(want))
}

func (c *comparison) object(path string, want, got map[string]any) {
	for _, key := range slices.Sorted(maps.Keys(want)) {
		value, ok := got[key]
		if !ok {
			c.differ(path+"."+key, "is missing")
			continue
		}
		c.value(path+"."+key, want[key], value)
	}
}

func (c *comparison) list(path string, want, got []any) {
	if len(want) != len(got) {
		c.differ(path, "has %d elements, recorded were %d", len(got), len(want))
		return
	}
	for i := range want {
		c.value(fmt.Sprintf("%s[%d]", path, i), want[i], got[i])
	}
}

func (c *comparison) text(path, want, got string) {
	if name.FindString(want) == want && want != "" {
		c.name(path, want, got)
		return
	}
	if fresh.MatchString(want) {
		c.pattern(path, want, got)
		return
	}
	filled, err := c.bindings.fill(want)
	if err != nil {
		c.differ(path, "%v", err)
	} else if filled != got {
		c.differ(path, "is %q, recorded was %q", got, filled)
	}
}

// fresh are the names whose value may be another each time: tokens are signed
// anew whenever the server likes, and key material is the instance's own.
var fresh = regexp.MustCompile(`\{(?:jwt_\d+|n|kid|clerk_trace_id)\}`)

// pattern compares a text that has fresh names in it.
func (c *comparison) pattern(path, want, got string) {
	var expression strings.Builder
	rest := want
	for _, found := range fresh.FindAllStringIndex(want, -1) {
		before, err := c.bindings.fill(want[len(want)-len(rest) : found[0]])
		if err != nil {
			c.differ(path, "%v", err)
			return
		}
		expression.WriteString(regexp.QuoteMeta(before) + `[^&;]+`)
		rest = want[found[1]:]
	}
	after, err := c.bindings.fill(rest)
	if err != nil {
		c.differ(path, "%v", err)
		return
	}
	expression.WriteString(regexp.QuoteMeta(after))
	if !regexp.MustCompile("^" + expression.String() + "$").MatchString(got) {
		c.differ(path, "is %q, recorded was %q", got, want)
	}
}

// name binds a name on first sight and holds the value to it from then on; the
// fresh ones only have to be there.
func (c *comparison) name(path, want, got string) {
	bound, seen := c.bindings.values[want]
	switch {
	case got == "":
		c.differ(path, "is empty, recorded was %s", want)
	case !seen || fresh.MatchString(want):
		c.bindings.values[want] = got
	case bound != got:
		c.differ(path, "is %q, but %s was %q before", got, want, bound)
	}
}

func describe(value any) string {
	switch value := value.(type) {
	case nil:
		return "null"
	case map[string]any:
		return "an object"
	case []any:
		return "a list"
	case float64:
		return "a number"
	default:
		return fmt.Sprintf("%#v", value)
	}
}
