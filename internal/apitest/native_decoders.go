package apitest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// NativeProblems are the places of an answer of the Frontend API at which a
// published iOS or Android SDK would give up.
func NativeProblems(r *http.Request, status int, body []byte) []string {
	if status != http.StatusOK {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var whole any
	if d.Decode(&whole) != nil {
		return nil // that it has to be JSON is a rule of its own
	}
	check := nativeCheck{ios: r.Header.Get("X-Ios-Sdk-Version") != ""}
	top, _ := whole.(map[string]any)
	switch {
	case r.URL.Path == "/v1/environment":
		check.document("environment", whole, "")
	case top["client"] != nil:
		check.document("client", top["client"], "client")
	}
	if _, says := top["client"]; says && top["response"] == nil && !has(top, "response") {
		check.problem("", "a client without a response signs Android apps out")
	}
	check.walk(whole, "")
	slices.Sort(check.problems)
	return slices.Compact(check.problems)
}

// nativeCheck collects what strict decoders refuse.
type nativeCheck struct {
	ios      bool
	problems []string
}

func (c *nativeCheck) problem(at, format string, args ...any) {
	c.problems = append(c.problems, strings.TrimPrefix(at+": ", ": ")+fmt.Sprintf(format, args...))
}

// walk looks for documents by the kind they name.
func (c *nativeCheck) walk(value any, at string) {
	switch v := value.(type) {
	case []any:
		for i, e := range v {
			c.walk(e, at+"."+strconv.Itoa(i))
		}
	case map[string]any:
		kind, _ := v["object"].(string)
		if _, gone := v["deleted"]; nativeDocuments[kind] != "" && !gone {
			c.document(kind, v, at)
		}
		for name, member := range v {
			if !strings.HasSuffix(name, "_metadata") { // which hold what people put there
				c.walk(member, at+"."+name)
			}
		}
	}
}

// document holds an object against its table.
func (c *nativeCheck) document(kind string, value any, at string) {
	object, ok := value.(map[string]any)
	if !ok {
		c.problem(at, "%s is no object", kind)
		return
	}
	for _, member := range strings.Fields(nativeDocuments[kind]) {
		name, holds, _ := strings.Cut(member, ":")
		need := holds[len(holds)-1]
		got, present := object[name]
		where := at + "." + name
		switch {
		case need == '*' && !present:
			c.problem(where, "is absent, and %s needs it", kind)
		case need == '!' && got == nil:
			c.problem(where, "is absent or null, and %s needs it", kind)
		case got != nil:
			c.holds(holds[:len(holds)-1], got, where)
		}
	}
	if _, text := object["actor"].(string); kind == "session" && c.ios && object["actor"] != nil && !text {
		c.problem(at+".actor", "is not text, which iOS apps take it for")
	}
}

// holds checks the kind of a member.
func (c *nativeCheck) holds(kind string, value any, at string) {
	if list, ok := between(kind, "[", "]"); ok {
		elements, isList := value.([]any)
		if !isList {
			c.problem(at, "is no list")
		}
		for i, e := range elements {
			c.holds(list, e, at+"."+strconv.Itoa(i))
		}
		return
	}
	if named, ok := between(kind, "{", "}"); ok {
		members, isObject := value.(map[string]any)
		if !isObject {
			c.problem(at, "is no object")
		}
		for name, e := range members {
			c.holds(named, e, at+"."+name)
		}
		return
	}
	if nativeDocuments[kind] != "" {
		c.document(kind, value, at)
		return
	}
	if !isPlain(kind, value) {
		c.problem(at, "is %v, which is not of kind %q", value, kind)
	}
}

// isPlain says whether a value is of a kind that is no document.
func isPlain(kind string, value any) bool {
	switch kind {
	case "b":
		_, ok := value.(bool)
		return ok
	case "n":
		n, ok := value.(json.Number)
		_, err := strconv.ParseInt(n.String(), 10, 64)
		return ok && err == nil
	case "o":
		_, ok := value.(map[string]any)
		return ok
	case "url": // what clerk-js hands to the URL parser
		text, ok := value.(string)
		u, err := url.Parse(text)
		return ok && err == nil && u.IsAbs()
	default:
		_, ok := value.(string)
		return ok && kind == "s"
	}
}

func between(text, before, after string) (string, bool) {
	if inner, ok := strings.CutPrefix(text, before); ok {
		return strings.CutSuffix(inner, after)
	}
	return "", false
}

func has(object map[string]any, name string) bool {
	_, ok := object[name]
	return ok
}
