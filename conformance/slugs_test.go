package conformance_test

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perennialauth/perennial/conformance"
)

// failureCatalogue lies beside the repository where the catalogue is kept.
const failureCatalogue = "../../shared/failures.md"

// Every entry of the catalogue that a device can cure is played.
func TestEverySlugHasAScenario(t *testing.T) {
	t.Parallel()
	played := map[string]bool{}
	for _, scenario := range conformance.Catalogue() {
		played[scenario.Slug] = true
	}
	for group, slugs := range conformance.Slugs() {
		for _, slug := range slugs {
			if !played[slug] {
				t.Errorf("%s: nothing plays %s", group, slug)
			}
		}
	}
}

// The list is that of the catalogue itself.
func TestSlugsAreThoseOfTheCatalogue(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(failureCatalogue)
	if os.IsNotExist(err) {
		t.Skip("the catalogue is not beside the repository")
	}
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile("(?m)^\\| \\[`([a-z0-9-]+)`\\][^|]*\\| ([A-Za-z -]+) \\| (device|both|server) \\|")
	want := map[string][]string{}
	for _, found := range row.FindAllStringSubmatch(string(text), -1) {
		if slug, group, side := found[1], found[2], found[3]; side != "server" {
			want[group] = append(want[group], slug)
		}
	}
	got := conformance.Slugs()
	for _, list := range []map[string][]string{want, got} {
		for group := range list {
			slices.Sort(list[group])
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mismatch (-catalogue +list):\n%s", diff)
	}
}

// Every law has scenarios, and every one that is named exists.
func TestEveryLawHasScenarios(t *testing.T) {
	t.Parallel()
	played := map[string]bool{}
	for _, scenario := range conformance.Catalogue() {
		played[scenario.Slug] = true
	}
	laws := conformance.Laws()
	if len(laws) != 11 {
		t.Errorf("%d laws", len(laws))
	}
	for i, law := range laws {
		if law.Number != i+1 || len(law.Slugs) == 0 {
			t.Errorf("law %d, %s, is number %d and has %d scenarios", i+1, law.Name, law.Number, len(law.Slugs))
		}
		for _, slug := range law.Slugs {
			if !played[slug] {
				t.Errorf("law %d, %s: nothing plays %s", law.Number, law.Name, slug)
			}
		}
	}
}
