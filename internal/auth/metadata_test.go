package auth_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/perennialauth/perennial/internal/auth"
)

func TestMergeMetadata(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, old, patch, want string
	}{
		{"adds a member", `{"a":1}`, `{"b":2}`, `{"a":1,"b":2}`},
		{"replaces a scalar", `{"a":1}`, `{"a":"x"}`, `{"a":"x"}`},
		{"merges objects at every depth", `{"a":{"b":{"c":1,"d":2}}}`, `{"a":{"b":{"c":3}}}`, `{"a":{"b":{"c":3,"d":2}}}`},
		{"null removes at any depth", `{"a":{"b":1,"c":2},"d":3}`, `{"a":{"b":null},"d":null}`, `{"a":{"c":2}}`},
		{"null inside a new object leaves nothing", `{}`, `{"a":{"b":null}}`, `{"a":{}}`},
		{"arrays are replaced, not merged", `{"a":[1,2]}`, `{"a":[3]}`, `{"a":[3]}`},
		{"an object replaces a scalar", `{"a":1}`, `{"a":{"b":1}}`, `{"a":{"b":1}}`},
		{"large numbers keep their digits", `{}`, `{"a":9007199254740993}`, `{"a":9007199254740993}`},
		{"nothing stored yet", ``, `{"a":1}`, `{"a":1}`},
		{"a null patch changes nothing", `{"a":1}`, `null`, `{"a":1}`},
		{"text is kept as it is", `{}`, `{"a":"<b>&é"}`, `{"a":"<b>&é"}`},
	} {
		got, err := auth.MergeMetadata(json.RawMessage(tc.old), json.RawMessage(tc.patch), "m")
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		if diff := cmp.Diff(tc.want, string(got)); diff != "" {
			t.Errorf("%s: mismatch (-want +got)\n%s", tc.name, diff)
		}
	}
}

func TestMetadataRefused(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat(`{"a":`, 70) + `1` + strings.Repeat(`}`, 70)
	big := `{"a":"` + strings.Repeat("x", auth.MetadataLimit) + `"}`
	for _, tc := range []struct {
		name, raw string
		code      auth.Code
	}{
		{"an array", `[1]`, auth.CodeParamInvalid},
		{"a string", `"x"`, auth.CodeParamInvalid},
		{"two values", `{} {}`, auth.CodeParamInvalid},
		{"torn", `{"a":`, auth.CodeParamInvalid},
		{"too deep", deep, auth.CodeParamInvalid},
		{"too long", big, auth.CodeParamTooLong},
	} {
		_, err := auth.ParseMetadata(json.RawMessage(tc.raw), "public_metadata")
		var refused *auth.Error
		if !errors.As(err, &refused) || refused.Code != tc.code || refused.Param != "public_metadata" {
			t.Errorf("%s: got %v, want %s", tc.name, err, tc.code)
		}
	}
	half, err := auth.ParseMetadata(json.RawMessage(`{"a":"`+strings.Repeat("x", auth.MetadataLimit/2)+`"}`), "m")
	if err != nil {
		t.Fatal(err)
	}
	more := strings.Replace(string(half), `"a"`, `"b"`, 1)
	if _, err := auth.MergeMetadata(half, json.RawMessage(more), "m"); !errors.Is(err, auth.Refuse(auth.CodeParamTooLong)) {
		t.Errorf("metadata grows past its limit by merging: %v", err)
	}
}

func TestNormalizeUsername(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		in, want string
		code     auth.Code
	}{
		{"Alice_1", "alice_1", ""},
		{" bob-the-builder ", "bob-the-builder", ""},
		{"abc", "", auth.CodeUsernameLength},
		{strings.Repeat("a", 65), "", auth.CodeUsernameLength},
		{"12345", "", auth.CodeUsernameCharacter},
		{"al ice", "", auth.CodeUsernameCharacter},
		{"аlice", "", auth.CodeUsernameCharacter}, // Cyrillic а
		{"alice@x", "", auth.CodeUsernameCharacter},
		{"ali\x00ce", "", auth.CodeUsernameCharacter},
	} {
		got, err := auth.NormalizeUsername(tc.in, "username")
		if tc.code == "" && (err != nil || got != tc.want) {
			t.Errorf("%q: got %q, %v, want %q", tc.in, got, err, tc.want)
		}
		if tc.code != "" && !errors.Is(err, auth.Refuse(tc.code)) {
			t.Errorf("%q: got %v, want %s", tc.in, err, tc.code)
		}
	}
}
