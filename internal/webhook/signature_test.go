package webhook

import (
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/secret"
)

// TestSign is the example of the Standard Webhooks specification and Svix's
// documentation: same secret, id, time and body.
func TestSign(t *testing.T) {
	t.Parallel()
	s := secrets{Current: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
	at := time.Unix(1614265330, 0)
	got, err := s.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", at, []byte(`{"test": 2432232314}`))
	if want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; err != nil || got != want {
		t.Errorf("got %s %v, want %s", got, err, want)
	}
	s.Previous, s.Until = s.Current, at.Add(time.Minute).UnixMilli()
	if both, _ := s.sign("msg_1", at, nil); strings.Count(both, "v1,") != 2 {
		t.Errorf("the secret before is not used while both hold: %s", both)
	}
	if one, _ := s.sign("msg_1", at.Add(time.Minute), nil); strings.Count(one, "v1,") != 1 {
		t.Errorf("the secret before is used after its end: %s", one)
	}
}

// TestSecretsAreSealed binds sealed secrets to their endpoint.
func TestSecretsAreSealed(t *testing.T) {
	t.Parallel()
	master, err := secret.NewMasterKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	sealer := master.Sealer(sealPurpose)
	signing, err := newSecret(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := secrets{Current: signing}.seal(sealer, "ep_1")
	if err != nil || strings.Contains(string(sealed), signing[len(secretPrefix):]) {
		t.Fatalf("%v %q", err, sealed)
	}
	if got, err := openSecrets(sealer, "ep_1", sealed); err != nil || got.Current != signing {
		t.Errorf("%v %v", got, err)
	}
	if got, err := openSecrets(sealer, "ep_2", sealed); err == nil {
		t.Errorf("opened for another endpoint: %v", got)
	}
}
