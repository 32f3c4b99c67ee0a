package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	keyOne = "pk_test_Y2xlcmsuZXhhbXBsZS5jb20k"
	keyTwo = "pk_live_Y2xlcmsuZXhhbXBsZS5vcmck"
)

// Not parallel: the environment is part of what is tested.
func TestProfileResolution(t *testing.T) {
	for _, test := range []struct {
		name              string
		flags, remembered profile
		env               map[string]string
		want              profile
	}{
		{name: "flags alone", flags: profile{keyOne, "https://a.example", "ca"}, want: profile{keyOne, "https://a.example", "ca"}},
		{name: "remembered alone", remembered: profile{keyOne, "https://a.example", "/ca"}, want: profile{keyOne, "https://a.example", "/ca"}},
		{
			name: "flags before environment before remembered", flags: profile{Server: "https://flag.example"},
			env:        map[string]string{envKey: keyOne, envServer: "https://env.example", envCA: "/env"},
			remembered: profile{keyOne, "https://r.example", "/r"}, want: profile{keyOne, "https://flag.example", "/env"},
		},
		{
			name: "a remembered server is not used with another key", flags: profile{PublishableKey: keyTwo},
			remembered: profile{keyOne, "https://a.example", "/ca"}, want: profile{PublishableKey: keyTwo},
		},
		{
			name: "a remembered server is used with its own key", flags: profile{PublishableKey: keyOne},
			remembered: profile{keyOne, "https://a.example", "/ca"}, want: profile{keyOne, "https://a.example", "/ca"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, name := range []string{envKey, envServer, envCA} {
				t.Setenv(name, test.env[name])
			}
			home := filepath.Join(t.TempDir(), "home")
			if test.remembered != (profile{}) {
				if err := test.remembered.remember(home); err != nil {
					t.Fatal(err)
				}
			}
			got, err := test.flags.resolve(home)
			if err != nil || got != test.want {
				t.Errorf("got %+v, %v, want %+v", got, err, test.want)
			}
		})
	}
}

func TestProfileErrorsSayHowToFix(t *testing.T) {
	for _, name := range []string{envKey, envServer, envCA} {
		t.Setenv(name, "")
	}
	home := t.TempDir()
	if _, err := (profile{}).resolve(home); err == nil || !strings.Contains(err.Error(), "--publishable-key") {
		t.Errorf("no key: got %v", err)
	}
	if _, err := (profile{PublishableKey: "sk_test_hush"}).resolve(home); err == nil || strings.Contains(err.Error(), "hush") {
		t.Errorf("secret key: got %v", err)
	}
	if err := os.WriteFile(profilePath(home), []byte("{broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := (profile{}).resolve(home); err == nil || !strings.Contains(err.Error(), "profile.json") {
		t.Errorf("broken profile: got %v", err)
	}
	if _, err := (profile{PublishableKey: keyOne}).resolve(home); err != nil {
		t.Errorf("a broken profile stands in the way of an explicit key: %v", err)
	}
	if _, err := (profile{CAFile: profilePath(home)}).roots(); err == nil || !strings.Contains(err.Error(), "no PEM") {
		t.Errorf("bad authority: got %v", err)
	}
}
