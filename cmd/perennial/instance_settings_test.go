package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/perennialauth/perennial/internal/auth"
)

func TestSettingsOfAFile(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		file, text string
		says       string // empty when it is accepted
	}{
		"TOML":             {"s.toml", "username = \"optional\"\n[second_factors]\nrequired = true\n", ""},
		"JSON":             {"s.json", `{"username":"optional","second_factors":{"required":true}}`, ""},
		"a typo":           {"s.toml", "user_name = \"optional\"\n", "user_name"},
		"a wrong word":     {"s.toml", "username = \"yes\"\n", "username"},
		"a wrong type":     {"s.toml", "username = 1\n", "username"},
		"nothing to do in": {"s.toml", "email_address = \"off\"\n", "email_address"},
		"broken":           {"s.toml", "username = ", "s.toml"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), test.file)
			if err := os.WriteFile(file, []byte(test.text), 0o600); err != nil {
				t.Fatal(err)
			}
			set, err := readSettings(auth.DefaultSettings(), file)
			if test.says != "" {
				if err == nil || !strings.Contains(err.Error(), test.says) {
					t.Errorf("got %v, want something about %s", err, test.says)
				}
				return
			}
			if err != nil || set.Username != auth.UseOptional || !set.SecondFactors.Required || !set.SecondFactors.TOTP {
				t.Errorf("got %+v, %v", set, err)
			}
		})
	}
	if _, err := readSettings(auth.DefaultSettings(), filepath.Join(t.TempDir(), "absent.toml")); err == nil {
		t.Error("an absent file is accepted")
	}
}

// TestSettingsSection reads them beside everything else of perennial serve.
func TestSettingsSection(t *testing.T) {
	t.Parallel()
	load := func(text string) (serveConfig, error) { return serveWith(t, text, complete(t)) }
	c, err := load("[settings]\nphone_number = \"required\"\nsign_up_mode = \"waitlist\"\n[settings.restrictions]\nblocklist = true\n")
	if err != nil || c.settings.Phone != auth.UseRequired || c.settings.SignUpMode != auth.SignUpWaitlist || !c.settings.Restrictions.BlockList {
		t.Errorf("%+v, %v", c.settings, err)
	}
	if !c.settings.Production || !c.settings.EnumerationProtection {
		t.Errorf("what the section does not name is lost: %+v", c.settings)
	}
	for _, wrong := range []string{"[settings]\nphone = \"on\"\n", "[settings.second_factors]\nphone_code = true\n"} {
		if _, err := load(wrong); err == nil || !strings.Contains(err.Error(), "settings") {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}
