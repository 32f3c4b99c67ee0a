package publishablekey_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/perennialauth/perennial/device/publishablekey"
)

func encode(host string) string { return base64.StdEncoding.EncodeToString([]byte(host)) }

func TestParse(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, text string
		want       publishablekey.Key
	}{
		{"a live key", "pk_live_Y2xlcmsuZXhhbXBsZS5jb20k", publishablekey.Key{Live: true, Host: "clerk.example.com"}},
		{"a test key with a port", "pk_test_MTI3LjAuMC4xOjg0NDMk", publishablekey.Key{Host: "127.0.0.1:8443"}},
		{"missing padding", "pk_test_" + strings.TrimRight(encode("a.example$"), "="), publishablekey.Key{Host: "a.example"}},
	} {
		got, err := publishablekey.Parse(test.text)
		if err != nil || got != test.want {
			t.Errorf("%s: got %+v, %v, want %+v", test.name, got, err, test.want)
		}
	}
}

func TestParseSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                     "is empty",
		" pk_test_x":                           "white space",
		`"pk_test_x"`:                          "quotation",
		"sk_test_abcdef":                       "secret key",
		"pk_prod_abc":                          "neither pk_test_ nor pk_live_",
		"hello":                                "does not begin",
		"pk_test_":                             "host is missing",
		"pk_test_a_b":                          "three parts",
		"pk_test_%%%%":                         "not base64",
		"pk_test_" + encode("\xff\xfe$"):       "not base64",
		"pk_test_" + encode("a.example"):       "does not end with a dollar",
		"pk_test_" + encode("$"):               "empty",
		"pk_test_" + encode("a$b.example$"):    "contains a dollar",
		"pk_test_" + encode("https://a.b$"):    "scheme",
		"pk_test_" + encode("a.example/v1$"):   "path",
		"pk_test_" + encode("a.example:$"):     "port",
		"pk_test_" + encode("a.example:0$"):    "port",
		"pk_test_" + encode("a.b:99999$"):      "port",
		"pk_test_" + encode("a b.example$"):    "character",
		"pk_test_" + encode("a@b.example$"):    "character",
		"pk_test_" + encode("localhost:8443$"): "no dot",
	} {
		_, err := publishablekey.Parse(text)
		var typed *publishablekey.Error
		if !errors.As(err, &typed) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want it to say %q", text, err, want)
		}
	}
}

func TestErrorNeverRepeatsASecretKey(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"sk_live_verysecretvalue", "verysecretvalue", "pk_x_verysecretvalue"} {
		if _, err := publishablekey.Parse(text); err == nil || strings.Contains(err.Error(), "verysecret") {
			t.Errorf("%q: the error repeats it: %v", text, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("pk_live_Y2xlcmsuZXhhbXBsZS5jb20k")
	f.Add("pk_test_MTI3LjAuMC4xOjg0NDMk")
	f.Add("pk_test_" + encode("[::1]:80$"))
	f.Add("sk_test_x")
	f.Fuzz(func(t *testing.T, text string) {
		key, err := publishablekey.Parse(text)
		if err != nil {
			return
		}
		again, err := publishablekey.Parse(key.String())
		if err != nil || again != key {
			t.Fatalf("%q became %q, which parses to %+v, %v", text, key, again, err)
		}
		if built, err := publishablekey.New(key.Host, key.Live); err != nil || built != key {
			t.Fatalf("%q parses and cannot be built: %v", text, err)
		}
	})
}
