package main

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/knadh/koanf/parsers/toml/v2"
	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/v2"
	"github.com/spf13/pflag"

	"github.com/perennialauth/perennial/device/publishablekey"
	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/notify"
	"github.com/perennialauth/perennial/internal/secret"
	"github.com/perennialauth/perennial/internal/server"
)

// setting is one configuration key of perennial serve. It can be given in the
// file by its name, in the environment as PERENNIAL_ and its name in capitals
// with dots as underscores, and as a flag unless it is a secret: the command
// line of a process can be read by every user of the machine.
type setting struct {
	name   string
	def    any // its type is the setting's: string, bool, int or []string
	usage  string
	secret bool
}

var serveSettings = []setting{
	{name: "listen", def: "127.0.0.1:8080", usage: "`HOST:PORT` to listen on"},
	{name: "data", def: "/var/lib/perennial", usage: "`folder` of the database"},
	{name: "host", def: "", usage: "public `host` of the Frontend API, such as clerk.example.com"},
	{name: "master_key_file", def: "", usage: "`file` with the master key, or PERENNIAL_MASTER_KEY"},
	{name: "master_key", def: "", secret: true},
	{name: "secret_key", def: "", secret: true},
	{name: "allowed_origins", def: []string{}, usage: "web `origins` that may use the instance, such as https://app.example.com"},
	{name: "tls_cert", def: "", usage: "certificate chain `file` in PEM"},
	{name: "tls_key", def: "", usage: "private key `file` in PEM"},
	{name: "behind_proxy", def: false, usage: "serve plain http to a proxy that does TLS; needs trusted_proxies"},
	{name: "trusted_proxies", def: []string{}, usage: "`networks` whose X-Forwarded-For is believed"},
	{name: "country_header", def: "", usage: "`header` in which trusted proxies say which country a client is in"},
	{name: "city_header", def: "", usage: "`header` in which trusted proxies say which city a client is in"},
	{name: "application", def: "Perennial", usage: "application `name` in mails and documents"},
	{name: "home_url", def: "", usage: "`URL` of the application"},
	{name: "support_email", def: "", usage: "`address` shown to users who need help"},
	{name: "enumeration_protection", def: true, usage: "answer alike for known and unknown accounts"},
	{name: "password_required", def: true, usage: "a sign-up needs a password"},
	{name: "single_session", def: false, usage: "allow one session per client only"},
	{name: "sign_up_closed", def: false, usage: "nobody can sign up"},
	{name: "log_format", def: "json", usage: "json or text"},
	{name: "smtp.host", def: "", usage: "mail server `name`"},
	{name: "smtp.port", def: 587, usage: "mail server `port`"},
	{name: "smtp.username", def: "", usage: "mail account `name`"},
	{name: "smtp.password", def: "", secret: true},
	{name: "smtp.from", def: "", usage: "`address` mails come from"},
	{name: "sms.webhook_url", def: "", usage: "`URL` that texts to phones are handed to"},
	{name: "sms.webhook_secret", def: "", secret: true},
	{name: "smtp.tls", def: "starttls", usage: "starttls, implicit or none"},
}

func (s setting) flag() string { return strings.NewReplacer("_", "-", ".", "-").Replace(s.name) }

func (s setting) env() string {
	return "PERENNIAL_" + strings.ToUpper(strings.ReplaceAll(s.name, ".", "_"))
}

// addServeFlags registers a flag for every setting that may be one.
func addServeFlags(f *pflag.FlagSet) {
	f.String("config", "", "configuration `file` in TOML; PERENNIAL_CONFIG in the environment")
	for _, s := range serveSettings {
		if s.secret {
			continue
		}
		usage := s.usage + " (" + s.env() + ")"
		switch def := s.def.(type) {
		case string:
			f.String(s.flag(), def, usage)
		case bool:
			f.Bool(s.flag(), def, usage)
		case int:
			f.Int(s.flag(), def, usage)
		case []string:
			f.StringSlice(s.flag(), def, usage)
		}
	}
}

// loadServeSettings merges defaults, file, environment and flags, the later
// over the earlier. A name in the file that means nothing is an error: a typo
// must not silently leave a protection off.
func loadServeSettings(f *pflag.FlagSet, getenv func(string) string) (*koanf.Koanf, error) {
	k := koanf.New(".")
	defaults := map[string]any{}
	for _, s := range serveSettings {
		defaults[s.name] = s.def
	}
	if err := k.Load(confmap.Provider(defaults, "."), nil); err != nil {
		return nil, err
	}
	file, err := f.GetString("config")
	if err != nil {
		return nil, err
	}
	if file == "" {
		file = getenv("PERENNIAL_CONFIG")
	}
	if file != "" {
		if err := loadServeFile(k, file); err != nil {
			return nil, err
		}
	}
	given := map[string]any{}
	for _, s := range serveSettings {
		if v := getenv(s.env()); v != "" {
			given[s.name] = fromText(s, v)
		}
		if flag := f.Lookup(s.flag()); !s.secret && flag != nil && flag.Changed {
			given[s.name] = fromText(s, strings.Trim(flag.Value.String(), "[]"))
		}
	}
	return k, k.Load(confmap.Provider(given, "."), nil)
}

func loadServeFile(k *koanf.Koanf, file string) error {
	raw, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("configuration %s: %w", file, reason(err))
	}
	values, err := toml.Parser().Unmarshal(raw)
	if err != nil {
		return fmt.Errorf("configuration %s: %w", file, err)
	}
	in := koanf.New(".")
	if err := in.Load(confmap.Provider(values, "."), nil); err != nil {
		return err
	}
	for _, name := range in.Keys() {
		if strings.HasPrefix(name, instanceSection+".") {
			continue // checked as a whole, see [configured]
		}
		if !slices.ContainsFunc(serveSettings, func(s setting) bool { return s.name == name }) {
			return fmt.Errorf("configuration %s: %q is not a setting", file, name)
		}
	}
	return k.Merge(in)
}

func fromText(s setting, text string) any {
	if _, list := s.def.([]string); !list {
		return text // koanf converts on reading
	}
	out := []string{}
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// serveConfig is the configuration of perennial serve, resolved and checked.
type serveConfig struct {
	listen, data    string
	host            string
	key             publishablekey.Key
	master          *secret.MasterKey
	secretKey       string
	origins         []string
	tlsCert, tlsKey string // both empty behind a proxy
	proxies         []netip.Prefix
	places          server.PlaceHeaders
	settings        auth.Settings
	smtp            notify.SMTPConfig       // empty host: no mail
	sms             notify.SMSWebhookConfig // empty URL: no texts
	textLog         bool
}

// resolveServe checks the settings. All that is wrong is told at once, so that
// setting up an instance does not take one start per mistake.
func resolveServe(k *koanf.Koanf) (c serveConfig, err error) {
	var wrong []error
	note := func(err error) {
		if err != nil {
			wrong = append(wrong, err)
		}
	}
	c = serveConfig{
		listen: k.String("listen"), data: k.String("data"), host: k.String("host"), secretKey: k.String("secret_key"),
		tlsCert: k.String("tls_cert"), tlsKey: k.String("tls_key"), textLog: k.String("log_format") == "text",
		smtp: notify.SMTPConfig{
			Host: k.String("smtp.host"), Port: k.Int("smtp.port"), Username: k.String("smtp.username"),
			Password: k.String("smtp.password"), From: k.String("smtp.from"), TLS: k.String("smtp.tls"),
		},
		sms: notify.SMSWebhookConfig{URL: k.String("sms.webhook_url"), Secret: k.String("sms.webhook_secret")},
	}
	c.settings, err = configured(resolveSettings(k), k.Cut(instanceSection).Raw())
	note(err)
	if c.host == "" {
		note(errors.New("host: give the public host of the Frontend API, such as clerk.example.com"))
	} else if c.key, err = publishablekey.New(c.host, true); err != nil {
		note(fmt.Errorf("host: %w", err))
	}
	note(checkSecretKey(c.secretKey))
	c.master, err = resolveMasterKey(k.String("master_key"), k.String("master_key_file"))
	note(err)
	c.origins, err = resolveOrigins(k.Strings("allowed_origins"))
	note(err)
	c.proxies, err = resolveNetworks(k.Strings("trusted_proxies"))
	note(err)
	c.places = server.PlaceHeaders{Country: k.String("country_header"), City: k.String("city_header")}
	if c.places != (server.PlaceHeaders{}) && len(c.proxies) == 0 {
		note(errors.New("trusted_proxies: name the proxy whose country_header and city_header are believed"))
	}
	switch proxied, cert := k.Bool("behind_proxy"), c.tlsCert != "" || c.tlsKey != ""; {
	case proxied && cert:
		note(errors.New("tls: give either tls_cert and tls_key, or behind_proxy, not both"))
	case !proxied && (c.tlsCert == "" || c.tlsKey == ""):
		note(errors.New("tls: give tls_cert and tls_key, or behind_proxy when a proxy does TLS"))
	case proxied && len(c.proxies) == 0:
		// Every visitor would share the limits of the proxy's own address.
		note(errors.New("trusted_proxies: name the proxy's address or network, such as 127.0.0.1"))
	}
	return c, errors.Join(wrong...)
}

// resolveSettings are the default ones with the configured ones over them.
func resolveSettings(k *koanf.Koanf) auth.Settings {
	set := auth.DefaultSettings()
	set.ApplicationName, set.Production, set.SingleSession = k.String("application"), true, k.Bool("single_session")
	set.PasswordRequired, set.EnumerationProtection = k.Bool("password_required"), k.Bool("enumeration_protection")
	set.HomeURL, set.SupportEmail = k.String("home_url"), k.String("support_email")
	if k.Bool("sign_up_closed") {
		set.SignUpMode = auth.SignUpRestricted
	}
	return set
}

// checkSecretKey never repeats the key.
func checkSecretKey(key string) error {
	switch {
	case key == "":
		return errors.New("secret_key: set PERENNIAL_SECRET_KEY; `perennial keygen` makes one")
	case strings.HasPrefix(key, "pk_"):
		return errors.New("secret_key: this is a publishable key; a secret key starts with sk_live_")
	case !strings.HasPrefix(key, "sk_live_"):
		return errors.New("secret_key: must start with sk_live_; `perennial keygen` makes one")
	case len(key) < len("sk_live_")+32:
		return errors.New("secret_key: too short to be safe; `perennial keygen` makes one")
	}
	return nil
}

func resolveMasterKey(text, file string) (*secret.MasterKey, error) {
	switch {
	case text != "" && file != "":
		return nil, errors.New("master_key: give either PERENNIAL_MASTER_KEY or master_key_file, not both")
	case text != "":
		return secret.ParseMasterKey(text)
	case file != "":
		return secret.ReadMasterKeyFile(file)
	default:
		return nil, errors.New("master_key: set PERENNIAL_MASTER_KEY or master_key_file; `perennial keygen` makes one")
	}
}

// resolveOrigins accepts scheme://host[:port], where the first label of the
// host may be * for every direct subdomain.
func resolveOrigins(list []string) ([]string, error) {
	for _, o := range list {
		u, err := url.Parse(o)
		if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || o != u.Scheme+"://"+u.Host {
			return nil, fmt.Errorf("allowed_origins: %q is not an origin such as https://app.example.com", o)
		}
		if rest, wild := strings.CutPrefix(u.Host, "*."); strings.Contains(rest, "*") || (!wild && strings.Contains(u.Host, "*")) ||
			(wild && strings.Count(rest, ".") < 1) {
			return nil, fmt.Errorf("allowed_origins: %q: * may stand for the first label of a domain only", o)
		}
	}
	return list, nil
}

func resolveNetworks(list []string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, text := range list {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			a, addrErr := netip.ParseAddr(text)
			if addrErr != nil {
				return nil, fmt.Errorf("trusted_proxies: %q is neither a network nor an address", text)
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

// originAllowed returns the rule for requests of web pages: the listed
// origins and the instance's own.
func originAllowed(host string, list []string) func(string) bool {
	return func(origin string) bool {
		if origin == "https://"+host {
			return true
		}
		for _, o := range list {
			before, after, wild := strings.Cut(o, "*.")
			if origin == o {
				return true
			}
			label, found := strings.CutPrefix(origin, before)
			label, ends := strings.CutSuffix(label, "."+after)
			if wild && found && ends && label != "" && !strings.ContainsAny(label, "./:@") {
				return true
			}
		}
		return false
	}
}
