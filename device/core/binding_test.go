package core_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perennialauth/perennial/device/core"
)

func TestBind(t *testing.T) {
	t.Parallel()
	token, key := core.NewSecret("pcb_token"), core.NewSecret("ed25519:key")
	bound := core.Bind(token, key)
	if bound.Token() != token || bound.Key() != key || bound == token {
		t.Errorf("%q and %q", bound.Token().Reveal(), bound.Key().Reveal())
	}
	if unbound := core.Bind(token, core.Secret{}); unbound != token || !unbound.Key().IsZero() {
		t.Errorf("without a key: %q", unbound.Reveal())
	}
	if nothing := core.Bind(core.Secret{}, key); !nothing.IsZero() {
		t.Errorf("a key without a token: %q", nothing.Reveal())
	}
	for _, odd := range []string{"", " ", " key", "token "} {
		if s := core.NewSecret(odd); s.Token() != s || !s.Key().IsZero() {
			t.Errorf("%q has key %q", odd, s.Key().Reveal())
		}
	}
	printed := fmt.Sprintf("%v %+v %#v %s %q %x", bound, bound, bound, bound.Key(), bound.Token(), bound)
	if strings.Contains(printed, "token") || strings.Contains(printed, "ed25519") {
		t.Errorf("printed: %s", printed)
	}
}

// TestKeysSurviveOlderVersions: an older version knows the credential and not
// the line with its key, which it keeps, at the end. It may even replace the
// credential meanwhile.
func TestKeysSurviveOlderVersions(t *testing.T) {
	t.Parallel()
	bind := func(token, key string) core.Secret { return core.Bind(core.NewSecret(token), core.NewSecret(key)) }
	want := core.Record{
		Lineage: "l", Credential: bind("a1", "k"), Successor: bind("a2", "k"), Origin: core.NewSecret("a0"), RotatedAt: 7,
	}
	want.Revocations[0] = core.Revocation{Credential: bind("b1", "j"), ClientID: "c", SessionID: "s"}
	text := core.EncodeRecord(want, tenant).Reveal()
	for _, line := range []string{`credential "a1"`, `successor "a2"`, `key "a1" "k"`, `key "b1" "j"`} {
		if !strings.Contains(text, "\n"+line+"\n") {
			t.Fatalf("no line %s in\n%s", line, text)
		}
	}
	if got := mustDecode(t, moved(text)); got != want {
		t.Errorf("mismatch (-want +got)\n%s", cmp.Diff(want, got, asSecrets))
	}
	want.Credential = core.NewSecret("c1")
	if got := mustDecode(t, moved(strings.Replace(text, `credential "a1"`, `credential "c1"`, 1))); got != want {
		t.Errorf("mismatch (-want +got)\n%s", cmp.Diff(want, got, asSecrets))
	}
	if again := core.EncodeRecord(want, tenant).Reveal(); strings.Contains(again, `"a1"`) {
		t.Errorf("the key of a token that is gone is kept:\n%s", again)
	}
}

// moved puts the lines of keys where a version that does not know them would.
func moved(text string) string {
	var known, unknown strings.Builder
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "key ") {
			unknown.WriteString(line)
		} else {
			known.WriteString(line)
		}
	}
	return known.String() + unknown.String()
}

func mustDecode(t *testing.T, text string) core.Record {
	t.Helper()
	got, err := core.DecodeRecord(core.NewSecret(text), tenant)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestKeyLinesThatAreNone(t *testing.T) {
	t.Parallel()
	heading := "perennial record 1 1\ntenant \"" + tenant + "\"\ncredential \"c\"\n"
	for _, line := range []string{"key \"c\"\n", "key \"\" \"k\"\n", "key \"c\" \"\"\n", "key \n"} {
		if got := mustDecode(t, heading+line); got.Credential != core.NewSecret("c") {
			t.Errorf("%q: credential %q", line, got.Credential.Reveal())
		}
	}
	if _, err := core.DecodeRecord(core.NewSecret(heading+"key \"c\" nonsense\n"), tenant); err == nil {
		t.Error("a damaged line of a key was read")
	}
}
