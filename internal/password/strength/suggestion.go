package strength

// Suggestion is advice by its published code, under which the components have
// it in every language.
type Suggestion string

// The published suggestions.
const (
	UseWords              Suggestion = "useWords"
	NoNeed                Suggestion = "noNeed"
	AnotherWord           Suggestion = "anotherWord"
	Capitalization        Suggestion = "capitalization"
	AllUppercase          Suggestion = "allUppercase"
	ReverseWords          Suggestion = "reverseWords"
	Leet                  Suggestion = "l33t"
	LongerKeyboardPattern Suggestion = "longerKeyboardPattern"
	Repeated              Suggestion = "repeated"
	Sequences             Suggestion = "sequences"
	RecentYears           Suggestion = "recentYears"
	AssociatedYears       Suggestion = "associatedYears"
	Dates                 Suggestion = "dates"
)

// Message is the suggestion in English.
func (s Suggestion) Message() string {
	switch s {
	case UseWords:
		return "Use several words, but not a phrase that others use."
	case NoNeed:
		return "A good password needs no symbols, digits or capital letters."
	case AnotherWord:
		return "Add more words that are less common."
	case Capitalization:
		return "Write capitals elsewhere than at the beginning."
	case AllUppercase:
		return "Write some letters as capitals, but not all."
	case ReverseWords:
		return "Words written backwards are guessed as easily."
	case Leet:
		return "Signs in the place of letters, like @ for a, are guessed as easily."
	case LongerKeyboardPattern:
		return "Make runs on the keyboard longer and turn more often."
	case Repeated:
		return "Repeat no words or characters."
	case Sequences:
		return "Leave out characters in order, like abc."
	case RecentYears:
		return "Leave out years of our time."
	case AssociatedYears:
		return "Leave out years that mean something to you."
	case Dates:
		return "Leave out dates and years that mean something to you."
	}
	return ""
}

// suggest says what would help most: about the longest part, because that is
// what the password is made of.
func suggest(parts []part) []Suggestion {
	if len(parts) == 0 {
		return []Suggestion{UseWords, NoNeed}
	}
	longest := parts[0]
	for _, p := range parts[1:] {
		if len(p.text) > len(longest.text) {
			longest = p
		}
	}
	return append([]Suggestion{AnotherWord}, longest.suggestions()...)
}

func (p part) suggestions() []Suggestion {
	switch p.pattern {
	case byForce:
		return nil
	case word:
		return p.aboutWord()
	case keys:
		return []Suggestion{LongerKeyboardPattern}
	case repeat:
		return []Suggestion{Repeated}
	case sequence:
		return []Suggestion{Sequences}
	case year:
		return []Suggestion{RecentYears, AssociatedYears}
	case date:
		return []Suggestion{Dates}
	}
	return nil
}

func (p part) aboutWord() (out []Suggestion) {
	if first, all := capitalised(string(p.text)); first {
		out = append(out, Capitalization)
	} else if all {
		out = append(out, AllUppercase)
	}
	if p.reversed && len(p.text) >= 4 {
		out = append(out, ReverseWords)
	}
	if len(p.leet) > 0 {
		out = append(out, Leet)
	}
	return out
}
