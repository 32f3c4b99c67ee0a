// Package locale owns what is said to people, in every language that the server
// speaks.
//
// It offers the [Languages], the choice of one ([Find], [Match]) and [Texts], the
// messages of a language with plural forms as CLDR has them. The messages are
// the files messages/<area>.<language>.json; a key begins with its area.
//
// It refuses to say what the parties of a protocol read: codes and the texts of
// the two APIs are those of the published ones, in English.
package locale

import (
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/language"
)

// Language is one that the server speaks.
type Language struct {
	Code      string // BCP 47, as in the attribute lang
	Name      string // in the language itself
	Direction string // ltr or rtl, as in the attribute dir
}

// Default is the code of the language of who wants none that is spoken.
const Default = "en"

var languages = []Language{
	{"en", "English", "ltr"},
	{"de", "Deutsch", "ltr"},
	{"fr", "Français", "ltr"},
	{"es", "Español", "ltr"},
	{"ja", "日本語", "ltr"},
	{"ar", "العربية", "rtl"},
}

// Languages are all that the server speaks, the default first.
func Languages() []Language { return slices.Clone(languages) }

// Find returns the language with exactly this code.
func Find(code string) (Language, bool) {
	i := slices.IndexFunc(languages, func(l Language) bool { return l.Code == code })
	if i < 0 {
		return languages[0], false
	}
	return languages[i], true
}

// maxAccept bounds what is read of a list of languages, in bytes. Browsers send
// less than a tenth of it.
const maxAccept = 1024

// matcher is made when somebody asks for a language first: commands that speak
// to nobody start without it.
var matcher = sync.OnceValue(func() language.Matcher {
	tags := make([]language.Tag, len(languages))
	for i, l := range languages {
		tags[i] = language.MustParse(l.Code)
	}
	return language.NewMatcher(tags)
})

// Match returns the language that suits best who wants these: an Accept-Language
// header, or one tag such as de-AT. It is the default when none does.
func Match(wanted string) Language {
	l, _ := Wanted(wanted)
	return l
}

// Wanted is [Match], and whether one of the languages wanted is spoken at all.
func Wanted(wanted string) (Language, bool) {
	if wanted == "" || len(wanted) > maxAccept {
		return languages[0], false
	}
	tags, _, err := language.ParseAcceptLanguage(strings.ReplaceAll(wanted, "_", "-"))
	if err != nil || len(tags) == 0 {
		return languages[0], false
	}
	_, i, confidence := matcher().Match(tags...)
	if confidence == language.No {
		return languages[0], false
	}
	return languages[i], true
}
