package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/perennialauth/perennial/internal/secret"
)

// serveWith resolves a configuration from the three sources.
func serveWith(t *testing.T, file string, env map[string]string, args ...string) (serveConfig, error) {
	t.Helper()
	f := pflag.NewFlagSet("serve", pflag.ContinueOnError)
	addServeFlags(f)
	if file != "" {
		path := filepath.Join(t.TempDir(), "perennial.toml")
		if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, "--config", path)
	}
	if err := f.Parse(args); err != nil {
		t.Fatal(err)
	}
	k, err := loadServeSettings(f, func(name string) string { return env[name] })
	if err != nil {
		return serveConfig{}, err
	}
	return resolveServe(k)
}

// complete is the least environment that starts.
func complete(t *testing.T) map[string]string {
	t.Helper()
	master, err := secret.NewMasterKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{
		"PERENNIAL_MASTER_KEY": master.Encode(), "PERENNIAL_SECRET_KEY": "sk_live_" + strings.Repeat("k", 40),
		"PERENNIAL_HOST": "clerk.example.com", "PERENNIAL_BEHIND_PROXY": "true",
		"PERENNIAL_TRUSTED_PROXIES": "127.0.0.1",
	}
}

func TestServeConfigSources(t *testing.T) {
	t.Parallel()
	env := complete(t)
	env["PERENNIAL_APPLICATION"] = "from the environment"
	env["PERENNIAL_ALLOWED_ORIGINS"] = "https://a.test, https://b.test"
	file := `
application = "from the file"
home_url = "https://from.the.file"
password_required = false
[smtp]
host = "mail.test"
port = 25
from = "a@b.test"
`
	c, err := serveWith(t, file, env, "--listen", "127.0.0.1:9", "--trusted-proxies", "10.0.0.0/8,127.0.0.1",
		"--country-header", "CF-IPCountry")
	if err != nil {
		t.Fatal(err)
	}
	if c.settings.ApplicationName != "from the environment" || c.settings.HomeURL != "https://from.the.file" ||
		c.listen != "127.0.0.1:9" || c.smtp.Port != 25 || c.smtp.Host != "mail.test" || c.settings.PasswordRequired {
		t.Errorf("resolved %+v", c.settings)
	}
	if !c.settings.EnumerationProtection || !c.settings.Production || c.settings.TestCodes {
		t.Errorf("unsafe defaults: %+v", c.settings)
	}
	if c.places.Country != "CF-IPCountry" || c.places.City != "" {
		t.Errorf("places are read from %+v", c.places)
	}
	if len(c.origins) != 2 || len(c.proxies) != 2 || c.key.String() != "pk_live_Y2xlcmsuZXhhbXBsZS5jb20k" {
		t.Errorf("origins %v, proxies %v, key %v", c.origins, c.proxies, c.key)
	}
}

func TestServeConfigMistakes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, file string
		edit       func(map[string]string)
		want       string
	}{
		{"nothing given", "", func(m map[string]string) { clear(m) }, "perennial keygen"},
		{"typo in the file", "enumeration_protektion = false", func(map[string]string) {}, "is not a setting"},
		{"broken file", "= = =", func(map[string]string) {}, "perennial.toml"},
		{"host without a dot", "", func(m map[string]string) { m["PERENNIAL_HOST"] = "localhost" }, "host"},
		{"test key", "", func(m map[string]string) { m["PERENNIAL_SECRET_KEY"] = "sk_test_" + strings.Repeat("k", 40) }, "sk_live_"},
		{"publishable for secret", "", func(m map[string]string) { m["PERENNIAL_SECRET_KEY"] = "pk_live_x" }, "publishable"},
		{"short secret", "", func(m map[string]string) { m["PERENNIAL_SECRET_KEY"] = "sk_live_short" }, "too short"},
		{"bad master key", "", func(m map[string]string) { m["PERENNIAL_MASTER_KEY"] = "AAAA" }, "master key"},
		{"no tls, no proxy", "", func(m map[string]string) { delete(m, "PERENNIAL_BEHIND_PROXY") }, "tls"},
		{"tls and proxy", "", func(m map[string]string) { m["PERENNIAL_TLS_CERT"] = "x" }, "not both"},
		{"nobody knows the proxy", "", func(m map[string]string) { delete(m, "PERENNIAL_TRUSTED_PROXIES") }, "trusted_proxies"},
		{"path in an origin", "", func(m map[string]string) { m["PERENNIAL_ALLOWED_ORIGINS"] = "https://a.test/x" }, "origin"},
		{"star for everything", "", func(m map[string]string) { m["PERENNIAL_ALLOWED_ORIGINS"] = "https://*" }, "first label"},
		{"star for a top level", "", func(m map[string]string) { m["PERENNIAL_ALLOWED_ORIGINS"] = "https://*.com" }, "first label"},
		{"not a network", "", func(m map[string]string) { m["PERENNIAL_TRUSTED_PROXIES"] = "proxy.test" }, "trusted_proxies"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			env := complete(t)
			tt.edit(env)
			_, err := serveWith(t, tt.file, env)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("err = %v, want it to mention %q", err, tt.want)
			}
			for _, name := range []string{"PERENNIAL_MASTER_KEY", "PERENNIAL_SECRET_KEY"} {
				if v := env[name]; v != "" && strings.Contains(err.Error(), v) {
					t.Errorf("the error repeats %s", name)
				}
			}
		})
	}
}

func TestSecretsAreNoFlags(t *testing.T) {
	t.Parallel()
	f := pflag.NewFlagSet("serve", pflag.ContinueOnError)
	addServeFlags(f)
	for _, name := range []string{"master-key", "secret-key", "smtp-password"} {
		if f.Lookup(name) != nil {
			t.Errorf("--%s would show the secret to every user of the machine", name)
		}
	}
}

func TestOriginAllowed(t *testing.T) {
	t.Parallel()
	allowed := originAllowed("clerk.example.com", []string{"https://app.example.com", "https://*.preview.example.com"})
	for origin, want := range map[string]bool{
		"https://app.example.com": true, "https://clerk.example.com": true, "https://pr-1.preview.example.com": true,
		"http://app.example.com": false, "https://app.example.com:444": false, "https://evil.com": false,
		"https://app.example.com.evil.com": false, "https://preview.example.com": false, "null": false, "": false,
		"https://a.b.preview.example.com": false, "https://evil.com/x.preview.example.com": false,
		"https://user@x.preview.example.com": false, "https://.preview.example.com": false,
	} {
		if got := allowed(origin); got != want {
			t.Errorf("%s: %v", origin, got)
		}
	}
}

// The guide lists every setting; one that is missing cannot be found.
func TestServeGuideIsComplete(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../../docs/serve.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range serveSettings {
		if !strings.Contains(string(guide), "`"+s.name+"`") {
			t.Errorf("docs/serve.md does not say what %s means", s.name)
		}
	}
}
