package locale_test

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/perennialauth/perennial/internal/locale"
)

// forms are the plural forms that CLDR has for whole numbers in each language.
var forms = map[string][]string{
	"en": {"one", "other"},
	"de": {"one", "other"},
	"fr": {"many", "one", "other"},
	"es": {"many", "one", "other"},
	"ja": {"other"},
	"ar": {"few", "many", "one", "other", "two", "zero"},
}

// message is one entry of a file: its forms, of which a text has one.
type message map[string]string

func (m *message) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*m = message{"": one}
		return nil
	}
	return json.Unmarshal(text, (*map[string]string)(m))
}

// plural says whether the message has forms for numbers.
func (m message) plural() bool { _, one := m[""]; return !one }

// catalogue is every message by language and key.
func catalogue(t *testing.T) map[string]map[string]message {
	t.Helper()
	all := map[string]map[string]message{}
	for _, l := range locale.Languages() {
		all[l.Code] = map[string]message{}
	}
	names, err := fs.Glob(os.DirFS("messages"), "*.json")
	if err != nil || len(names) == 0 {
		t.Fatalf("no messages: %v", err)
	}
	for _, name := range names {
		parts := strings.Split(name, ".")
		if len(parts) != 3 || all[parts[1]] == nil {
			t.Errorf("%s is not named <area>.<language>.json", name)
			continue
		}
		text, err := os.ReadFile(path.Join("messages", name))
		if err != nil {
			t.Fatal(err)
		}
		var found map[string]message
		if err := json.Unmarshal(text, &found); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for key, m := range found {
			if !strings.HasPrefix(key, parts[0]+".") {
				t.Errorf("%s: %s is not in this area", name, key)
			}
			all[parts[1]][key] = m
		}
	}
	return all
}

var placeholder = regexp.MustCompile(`\{\{.*?\}\}`)

func placeholders(text string) []string {
	found := placeholder.FindAllString(text, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

// TestComplete: every language says everything that another does, with the same
// values put in, and has the plural forms that it needs.
func TestComplete(t *testing.T) {
	t.Parallel()
	all := catalogue(t)
	for code, messages := range all {
		for key, english := range all[locale.Default] {
			if m, ok := messages[key]; !ok {
				t.Errorf("%s lacks %s", code, key)
			} else {
				checkMessage(t, code+" "+key, m, english, forms[code])
			}
		}
		for key := range messages {
			if _, ok := all[locale.Default][key]; !ok {
				t.Errorf("%s has %s, which is not in English", code, key)
			}
		}
	}
}

func checkMessage(t *testing.T, where string, m, english message, forms []string) {
	t.Helper()
	if m.plural() != english.plural() {
		t.Errorf("%s: plural forms in one of both languages", where)
		return
	}
	want := placeholders(english[""])
	if m.plural() {
		if got := slices.Sorted(maps.Keys(m)); !slices.Equal(got, forms) {
			t.Errorf("%s: forms %v, want %v", where, got, forms)
		}
		want = placeholders(english["other"])
	}
	for form, text := range m {
		if strings.TrimSpace(text) == "" {
			t.Errorf("%s %s is empty", where, form)
		}
		got := placeholders(text)
		few := form == "zero" || form == "one" || form == "two" // may say the number in words
		if !slices.Equal(got, want) && (!few || !slices.Equal(append(got, "{{.Count}}"), want)) && (!few || len(want) < 2) {
			t.Errorf("%s %s: values %v, want %v", where, form, got, want)
		}
	}
}

// The folders of the programs that say something, and how their files say so: a
// whole key, or the beginning of one to which a value is added.
var (
	speaking = []string{"../hosted", "../notify"}
	literal  = regexp.MustCompile(`"([a-z]+(?:\.[a-z0-9_]+)*\.?)"`)
)

// TestUsed: every message is one that something says, and everything that is
// said is a message.
func TestUsed(t *testing.T) {
	t.Parallel()
	english := catalogue(t)[locale.Default]
	areas, used := map[string]bool{}, map[string]bool{}
	for key := range english {
		area, _, _ := strings.Cut(key, ".")
		areas[area] = true
	}
	for file, found := range literals(t) {
		area, rest, dotted := strings.Cut(found, ".")
		if !areas[area] || !dotted || isFile(found) {
			continue
		}
		n := 0
		for key := range english {
			if key == found || (strings.HasSuffix(found, ".") && strings.HasPrefix(key, found)) {
				used[key] = true
				n++
			}
		}
		if n == 0 && rest != "" {
			t.Errorf("%s says %s, which is no message", file, found)
		}
	}
	for key := range english {
		if !used[key] {
			t.Errorf("nothing says %s", key)
		}
	}
}

// isFile tells the name of a file from a key.
func isFile(name string) bool {
	return slices.Contains([]string{".html", ".css", ".js", ".json"}, path.Ext(name))
}

// literals are the quoted names in the sources and templates, with where they are.
func literals(t *testing.T) func(yield func(file, found string) bool) {
	t.Helper()
	return func(yield func(file, found string) bool) {
		for _, folder := range speaking {
			err := fs.WalkDir(os.DirFS(folder), ".", func(name string, entry fs.DirEntry, err error) error {
				if err != nil || entry.IsDir() || strings.HasSuffix(name, "_test.go") || (path.Ext(name) != ".go" && path.Ext(name) != ".html") {
					return err
				}
				text, err := os.ReadFile(path.Join(folder, name))
				for _, match := range literal.FindAllStringSubmatch(string(text), -1) {
					if !yield(path.Join(folder, name), match[1]) {
						return fs.SkipAll
					}
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}
