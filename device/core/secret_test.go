package core_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/perennialauth/perennial/device/core"
)

// TestSecretsAreNeverPrinted looks for the bytes of a secret in everything that
// a careless log line could produce, also through unexported fields, which
// formatting reaches past every method.
func TestSecretsAreNeverPrinted(t *testing.T) {
	t.Parallel()
	const value = "client-token-hunter2"
	secret := core.NewSecret(value)
	if secret.Reveal() != value {
		t.Fatalf("Reveal() = %q, want %q", secret.Reveal(), value)
	}
	state := core.New(core.Config{})
	state, _ = core.Step(state, 1, core.Launch{Entropy: [2]uint64{1, 2}})
	state, effects := core.Step(state, 2, core.AdoptAsked{Call: 1, Credential: secret})
	things := []any{
		secret, &secret, struct{ hidden core.Secret }{secret}, []core.Secret{secret},
		map[core.Secret]core.Secret{secret: secret},
		core.Record{Credential: secret, Successor: secret, Candidate: secret},
		core.SendRequest{Credential: secret, Password: secret, Code: secret},
		core.SaveRecord{Data: core.EncodeRecord(core.Record{Credential: secret}, "t")},
		core.Responded{Credential: secret, Token: core.TokenDoc{JWT: secret}},
		core.Reply{Token: secret}, core.PublishToken{Token: secret},
		core.SignInAsked{Password: secret}, core.CodeEntered{Code: secret}, core.AdoptAsked{Credential: secret},
		state, effects,
	}
	for _, thing := range things {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			if text := fmt.Sprintf(verb, thing); leaks(text, value) {
				t.Errorf("%s of %T prints the secret: %s", verb, thing, text)
			}
		}
		if text, err := json.Marshal(thing); err == nil && leaks(string(text), value) {
			t.Errorf("JSON of %T prints the secret: %s", thing, text)
		}
	}
}

func leaks(text, value string) bool {
	return strings.Contains(text, value) || strings.Contains(text, fmt.Sprintf("%x", value)) ||
		strings.Contains(text, strings.Trim(fmt.Sprint([]byte(value)), "[]"))
}
