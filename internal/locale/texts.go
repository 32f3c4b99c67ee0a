package locale

import (
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"reflect"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

//go:embed messages/*.json
var files embed.FS

// Texts are the messages of one language. They are safe for concurrent use.
type Texts struct {
	Language Language

	localizer *i18n.Localizer
}

// loaded reads the messages of each language when somebody wants it first.
var loaded = func() map[string]func() *Texts {
	all := make(map[string]func() *Texts, len(languages))
	for _, l := range languages {
		all[l.Code] = sync.OnceValue(func() *Texts { return load(l) })
	}
	return all
}()

// In are the messages of a language that [Find] or [Match] returned.
func In(l Language) *Texts {
	texts, ok := loaded[l.Code]
	if !ok {
		texts = loaded[Default]
	}
	return texts()
}

// load reads the files of a language. They are part of the program: a test
// reads them all, so that what is wrong with one is no error of a run.
func load(l Language) *Texts {
	tag := language.MustParse(l.Code)
	bundle := i18n.NewBundle(tag)
	for _, name := range messageFiles(l.Code) {
		if _, err := bundle.LoadMessageFileFS(files, name); err != nil {
			panic("locale: internal error: " + err.Error())
		}
	}
	return &Texts{Language: l, localizer: i18n.NewLocalizer(bundle, l.Code)}
}

func messageFiles(code string) []string {
	names, _ := fs.Glob(files, path.Join("messages", "*."+code+".json"))
	return names
}

// T is the message with this key, with values put in by pairs of name and value:
//
//	texts.T("user.signed_in_as", "Name", name)
//
// A value that is written in the other direction than the language is kept from
// moving the words around it. A key that there is not is what is returned.
func (t *Texts) T(key string, pairs ...any) string {
	return t.localize(key, nil, values(pairs, t.isolated))
}

// Verbatim is a value that is put in as it is, without the marks that keep it
// from moving the words around it.
type Verbatim string

// N is [Texts.T] for a message with plural forms; the value Count is in it.
func (t *Texts) N(key string, count int, pairs ...any) string {
	data := values(pairs, t.isolated)
	data["Count"] = count
	return t.localize(key, count, data)
}

// Has says whether there is a message with this key.
func (t *Texts) Has(key string) bool {
	_, err := t.localizer.Localize(&i18n.LocalizeConfig{MessageID: key})
	return err == nil
}

// Rich is [Texts.T] as HTML in which the values stand out. Nothing in message or
// values is markup.
func (t *Texts) Rich(key string, pairs ...any) template.HTML {
	var given []string
	data := values(pairs, func(s string) string {
		given = append(given, s)
		return mark(len(given) - 1)
	})
	text := template.HTMLEscapeString(t.localize(key, nil, data))
	for i, s := range given {
		text = strings.ReplaceAll(text, mark(i), "<strong><bdi>"+template.HTMLEscapeString(s)+"</bdi></strong>")
	}
	return template.HTML(text) //nolint:gosec // every part of it was escaped above
}

// mark stands for a value until the message around it has been escaped. Its
// characters are for private use: no message has them.
func mark(i int) string { return "\ue000" + string(rune('\ue100'+i)) + "\ue001" }

func (t *Texts) localize(key string, count any, data map[string]any) string {
	text, err := t.localizer.Localize(&i18n.LocalizeConfig{MessageID: key, TemplateData: data, PluralCount: count})
	if err != nil && text == "" {
		return key
	}
	return text
}

// values are pairs as a template reads them, the texts among them changed.
func values(pairs []any, change func(string) string) map[string]any {
	data := make(map[string]any, len(pairs)/2+1)
	for i := 0; i+1 < len(pairs); i += 2 {
		value := pairs[i+1]
		if same, ok := value.(Verbatim); ok {
			data[fmt.Sprint(pairs[i])] = string(same)
			continue
		}
		if of := reflect.ValueOf(value); of.Kind() == reflect.String {
			value = change(of.String())
		}
		data[fmt.Sprint(pairs[i])] = value
	}
	return data
}

// isolated puts a value that is written in the other direction between marks
// that browsers and mail programs obey, and nobody sees.
func (t *Texts) isolated(s string) string {
	other := rightToLeft
	if t.Language.Direction == "rtl" {
		other = []*unicode.RangeTable{unicode.Latin, unicode.Greek, unicode.Cyrillic}
	}
	if !slices.ContainsFunc([]rune(s), func(r rune) bool { return unicode.IsOneOf(other, r) }) {
		return s
	}
	return "\u2068" + s + "\u2069"
}

var rightToLeft = []*unicode.RangeTable{unicode.Arabic, unicode.Hebrew, unicode.Syriac, unicode.Thaana, unicode.Nko}
