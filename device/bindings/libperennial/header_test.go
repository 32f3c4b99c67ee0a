package main_test

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The header is written by hand, for people; it must declare what the library
// exports, no more and no less.
func TestHeaderDeclaresWhatIsExported(t *testing.T) {
	t.Parallel()
	header := names(t, "perennial.h", `(?m)^extern .*?\b(perennial_\w+)\(`)
	exported := names(t, "main.go", `(?m)^//export (perennial_\w+)$`)
	if diff := cmp.Diff(exported, header); diff != "" {
		t.Errorf("mismatch (-exported +declared):\n%s", diff)
	}
	if len(header) < 10 {
		t.Errorf("only %d functions were found", len(header))
	}
}

func names(t *testing.T, path, pattern string) []string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(string(data), -1) {
		found = append(found, match[1])
	}
	slices.Sort(found)
	return found
}
