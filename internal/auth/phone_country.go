package auth

import (
	"slices"
	"strings"
)

// CodeUnsupportedCountry refuses a message to a country that is blocked.
const CodeUnsupportedCountry Code = "unsupported_country_code"

// PhoneCountry returns the ISO 3166-1 alpha-2 code of the country of a
// normalised number, or "" when its digits do not tell: numbers of networks
// without a country, and everything that is no number.
func PhoneCountry(number string) (country string) {
	digits, international := strings.CutPrefix(number, "+")
	if !international {
		return ""
	}
	longest := 0
	for line := range strings.Lines(callingPrefixes) {
		code, prefixes, _ := strings.Cut(strings.TrimSpace(line), " ")
		for p := range strings.FieldsSeq(prefixes) {
			if len(p) > longest && strings.HasPrefix(digits, p) {
				longest, country = len(p), code
			}
		}
	}
	return country
}

// knownCountry says whether [PhoneCountry] can tell the country with this code.
func knownCountry(code string) bool {
	return len(code) == 2 && strings.Contains(callingPrefixes, "\n"+code+" ")
}

// KnownCountries returns those of the codes that [PhoneCountry] can tell, each
// once and in order.
func KnownCountries(codes []string) []string {
	out := slices.DeleteFunc(slices.Clone(codes), func(c string) bool { return !knownCountry(c) })
	slices.Sort(out)
	return slices.Compact(out)
}

// MayText refuses a message to a number of a blocked country with
// [CodeUnsupportedCountry]. Whatever is no number passes.
func (s Settings) MayText(to, param string) error {
	if len(s.BlockedCountries) > 0 && slices.Contains(s.BlockedCountries, PhoneCountry(to)) {
		return RefuseParam(CodeUnsupportedCountry, param)
	}
	return nil
}
