package wire_test

import (
	"encoding/json"
	"strings"
	"testing"
)

// A comparison that finds nothing would let every replay pass.
func TestComparisonFindsDifferences(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name      string
		want, got string
		found     string // part of the only finding, or empty
	}{
		{"the same", `{"a":[1,"x",null,true]}`, `{"a":[2,"x",null,true]}`, ""},
		{"a key is missing", `{"a":1,"b":1}`, `{"a":1}`, ".b: is missing"},
		{"a new key is no difference", `{"a":1}`, `{"a":1,"b":1}`, ""},
		{"null is not an object", `{"a":{}}`, `{"a":null}`, ".a: is null"},
		{"an object is not null", `{"a":null}`, `{"a":{}}`, ".a: is an object"},
		{"a number is not a text", `{"a":1}`, `{"a":"1"}`, `.a: is "1"`},
		{"a status changed", `{"status":"complete"}`, `{"status":"abandoned"}`, `.status: is "abandoned"`},
		{"a truth value changed", `{"a":true}`, `{"a":false}`, ".a: is false"},
		{"a list grew", `[1]`, `[1,2]`, "has 2 elements"},
		{"a name is bound", `["{sess_1}","{sess_1}"]`, `["s","s"]`, ""},
		{"a name is two values", `["{sess_1}","{sess_1}"]`, `["s","t"]`, `[1]: is "t", but {sess_1} was "s"`},
		{"tokens are signed anew", `["{jwt_1}","{jwt_1}"]`, `["s","t"]`, ""},
		{"a token is empty", `["{jwt_1}"]`, `[""]`, "is empty"},
		{"a name inside a text", `["{sess_1}","/s/{sess_1}"]`, `["s","/s/t"]`, `is "/s/t"`},
		{"a token inside a text", `["/?a={jwt_1}&b=1"]`, `["/?a=s&b=1"]`, ""},
		{"the text around a token", `["/?a={jwt_1}&b=1"]`, `["/?a=s&b=2"]`, `is "/?a=s&b=2"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var want, got any
			if err := json.Unmarshal([]byte(test.want), &want); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal([]byte(test.got), &got); err != nil {
				t.Fatal(err)
			}
			c := comparison{bindings: &bindings{values: map[string]string{}}}
			c.value("", want, got)
			all := strings.Join(c.found, "\n")
			if test.found == "" && all != "" || !strings.Contains(all, test.found) || len(c.found) > 1 {
				t.Errorf("found %q, want %q", all, test.found)
			}
		})
	}
}
