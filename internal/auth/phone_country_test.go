package auth_test

import (
	"slices"
	"testing"

	"github.com/perennialauth/perennial/internal/auth"
)

func TestPhoneCountry(t *testing.T) {
	t.Parallel()
	for number, want := range map[string]string{
		"+493012345": "DE", "+12125550100": "US", "+14165550100": "CA", "+18765550100": "JM", "+18295550100": "DO",
		"+79161234567": "RU", "+77011234567": "KZ", "+447700900123": "GB", "+447797712345": "JE", "+358401234567": "FI",
		"+3581812345678": "AX", "+35312345678": "IE", "+262639123456": "YT", "+262692123456": "RE", "+390669812345": "VA",
		"+390612345678": "IT", "+8831234567": "", "+": "", "": "", "ann@example.com": "", "49301234567": "",
	} {
		if got := auth.PhoneCountry(number); got != want {
			t.Errorf("%q is of %q, want %q", number, got, want)
		}
	}
}

func TestKnownCountries(t *testing.T) {
	t.Parallel()
	got := auth.KnownCountries([]string{"US", "ZZ", "DE", "", "de", "US", "AC", "\nUS", "S ", "ZW"})
	if want := []string{"AC", "DE", "US", "ZW"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// What nobody can be blocked by is no setting: it would block nobody silently.
func TestBlockedCountriesAreChecked(t *testing.T) {
	t.Parallel()
	set := auth.DefaultSettings()
	for _, tt := range []struct {
		blocked []string
		want    auth.Code
	}{
		{nil, ""}, {[]string{"DE", "US"}, ""}, {[]string{"ZZ"}, auth.CodeParamInvalid}, {[]string{"de"}, auth.CodeParamInvalid},
		{[]string{"DE", "DE"}, auth.CodeParamInvalid}, {[]string{""}, auth.CodeParamInvalid},
	} {
		set.BlockedCountries = tt.blocked
		if got := codeOf(set.Check()); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.blocked, got, tt.want)
		}
	}
}

func TestMayText(t *testing.T) {
	t.Parallel()
	set := auth.Settings{BlockedCountries: []string{"CA"}}
	for to, want := range map[string]auth.Code{
		"+14165550100": auth.CodeUnsupportedCountry, "+12125550100": "", "+8831234567": "", "": "", "ann@example.ca": "",
	} {
		if got := codeOf(set.MayText(to, "phone_number")); got != want {
			t.Errorf("%q: %q, want %q", to, got, want)
		}
	}
}
