package mobile_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/perennialauth/perennial/device/bindings/jsonapi"
)

// The Swift and Kotlin of the Expo package cannot be compiled here. What can be
// checked is that every name of this package that they use is one that the
// binding tool makes, and that every method they forward is one that there is.
func TestGlueUsesWhatIsBound(t *testing.T) {
	t.Parallel()
	out := mustGenerate(t)
	objc, java := joined(t, out, ".objc.h"), joined(t, out, ".java")

	swift := sources(t, "../../../bindings/expo/ios/*.swift")
	for _, name := range found(swift, `\bMobile[A-Z]\w*`) {
		if !regexp.MustCompile(`\b` + strings.TrimSuffix(name, "Protocol") + `\b`).MatchString(objc) {
			t.Errorf("Swift uses %s, which is not in the generated Objective-C", name)
		}
	}
	kotlin := sources(t, "../../../bindings/expo/android/src/main/java/dev/perennial/expo/*.kt")
	for _, name := range found(kotlin, `\bMobile\.\w+`) {
		if member := strings.TrimPrefix(name, "Mobile."); !regexp.MustCompile(`\b` + member + `\b`).MatchString(java) {
			t.Errorf("Kotlin uses %s, which is not in the generated Java", name)
		}
	}
	for _, name := range found(kotlin, `dev\.perennial\.mobile\.\w+`) {
		if _, err := os.Stat(filepath.Join(out, "java", "mobile", name[strings.LastIndex(name, ".")+1:]+".java")); err != nil {
			t.Errorf("Kotlin imports %s, which is not generated: %v", name, err)
		}
	}
	forwarded := found(swift+kotlin, `forward\("(\w+)"`)
	if len(forwarded) < 12 {
		t.Errorf("only %d forwarded methods were found", len(forwarded))
	}
	for _, call := range forwarded {
		method := strings.TrimSuffix(strings.TrimPrefix(call, `forward("`), `"`)
		if !slices.Contains(jsonapi.ModuleMethods(), method) {
			t.Errorf("the glue forwards %s, which the module does not have", method)
		}
	}
}

func sources(t *testing.T, pattern string) string {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		t.Fatalf("%s: no files, %v", pattern, err)
	}
	var all strings.Builder
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(data)
	}
	return all.String()
}

// found returns every different match of pattern.
func found(text, pattern string) []string {
	seen := map[string]bool{}
	var all []string
	for _, match := range regexp.MustCompile(pattern).FindAllString(text, -1) {
		if !seen[match] {
			seen[match] = true
			all = append(all, match)
		}
	}
	return all
}
