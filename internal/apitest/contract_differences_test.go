package apitest

import "testing"

func TestEveryDifferenceHasAReason(t *testing.T) {
	t.Parallel()
	for _, k := range knownDifferences {
		if k.operation == "" || k.keyword == "" || len(k.reason) < 20 {
			t.Errorf("row %+v does not say what differs and why", k)
		}
	}
	for operation, reason := range pagedLists {
		if len(reason) < 20 {
			t.Errorf("%s: no reason", operation)
		}
	}
}

func TestPlaces(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		pattern string
		at      []string
		want    bool
	}{
		{"", nil, true},
		{"", []string{"a"}, false},
		{"a/*/b", []string{"a", "0", "b"}, true},
		{"a/*/b", []string{"a", "0", "c"}, false},
		{"a/*", []string{"a"}, false},
		{"**/b", []string{"a", "0", "b"}, true},
		{"**/b", []string{"b"}, true},
		{"**/b", []string{"b", "c"}, false},
	} {
		if got := matchPlace(tc.pattern, tc.at); got != tc.want {
			t.Errorf("%q at %v: %v", tc.pattern, tc.at, got)
		}
	}
}
