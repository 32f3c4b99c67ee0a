package core_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/perennialauth/perennial/device/core"
)

const tenant = "tenant-digest"

var asSecrets = cmpopts.EquateComparable(core.Secret{})

func TestRecordSurvivesTheRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := drawRecord(t)
		got, err := core.DecodeRecord(core.EncodeRecord(want, tenant), tenant)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, asSecrets); diff != "" {
			t.Fatalf("mismatch (-want +got)\n%s", diff)
		}
	})
}

func drawRecord(t *rapid.T) core.Record {
	text := rapid.OneOf(rapid.Just(""), rapid.String(), rapid.Just("a\nb \"c\" \x00\xff"))
	// A token has no space in it, and every token its own key.
	secret := rapid.Custom(func(t *rapid.T) core.Secret {
		token := strings.ReplaceAll(text.Draw(t, "secret"), " ", "_")
		switch rapid.IntRange(0, 2).Draw(t, "kind") {
		case 0:
			return core.Secret{}
		case 1:
			return core.Bind(core.NewSecret("bound_"+token), core.NewSecret("key_of_"+token))
		default:
			return core.NewSecret("unbound_" + token)
		}
	})
	number := rapid.Int64()
	draw := func() string { return text.Draw(t, "text") }
	r := core.Record{
		Lineage: draw(), Install: draw(), Tombstone: core.Cause(draw()),
		TombstoneEvidence: core.Evidence{
			Request: core.RequestKind(draw()), Trace: draw(), Status: int(number.Draw(t, "status")),
			Code: draw(), Trouble: core.Trouble(draw()), Store: core.StoreAnswer(draw()), Detail: draw(),
		},
		TombstoneSession: draw(),
		Credential:       secret.Draw(t, "credential"), Successor: secret.Draw(t, "successor"),
		Candidate: secret.Draw(t, "candidate"), Offer: secret.Draw(t, "offer"), Origin: secret.Draw(t, "origin"),
		RotatedAt: core.Wall(number.Draw(t, "rotated")),
		ClientID:  draw(), ClientUpdatedAt: core.Wall(number.Draw(t, "updated")),
		SessionID: draw(), SessionStatus: draw(), SessionTask: draw(),
		SessionExpireAt: core.Wall(number.Draw(t, "expires")),
		User:            core.User{ID: draw(), Identifier: draw(), FirstName: draw(), LastName: draw(), ImageURL: draw()},
		ConfirmedAt:     core.Wall(number.Draw(t, "confirmed")), ConfirmedServer: core.Wall(number.Draw(t, "server")),
		Unconfirmed: number.Draw(t, "unconfirmed"),
	}
	if rapid.Bool().Draw(t, "with attempt") {
		r.Attempt = core.Attempt{
			ID: draw(), SignUp: rapid.Bool().Draw(t, "sign-up"), Status: draw(), Strategy: core.Strategy(draw()),
			FactorID: draw(), SafeIdentifier: draw(), Credential: secret.Draw(t, "attempt credential"),
			ClientID: draw(), StartedAt: core.Wall(number.Draw(t, "started")),
		}
	}
	for i := range rapid.IntRange(0, core.MaxFlows).Draw(t, "flows") {
		kind := rapid.IntRange(0, 2).Draw(t, "flow kind")
		r.Flows[i] = core.Flow{
			State: "s" + draw(), Verifier: secret.Draw(t, "verifier"), Redirect: draw(), SignUp: kind == 1, Done: kind == 2,
			Credential: secret.Draw(t, "flow credential"), StartedAt: core.Wall(number.Draw(t, "flow started")),
			Nonce: secret.Draw(t, "nonce"), SessionID: draw(),
		}
	}
	for i := range rapid.IntRange(0, core.MaxRevocations).Draw(t, "revocations") {
		r.Revocations[i] = core.Revocation{
			Credential: core.NewSecret(strings.Repeat("c", i+1)), ClientID: draw(), SessionID: draw(),
		}
	}
	if rapid.Bool().Draw(t, "with unknown lines") {
		r.Unknown = "colour \"blue\" 7\nshape\n"
	}
	return r
}

func TestRecordOfOtherVersions(t *testing.T) {
	t.Parallel()
	const rest = "\ntenant \"" + tenant + "\"\nlineage \"l\"\ncredential \"c\"\n"
	tests := []struct {
		name string
		text string
		want error
	}{
		{"the form of this version", "perennial record 1 1" + rest, nil},
		{"a newer form that this version may read", "perennial record 7 1 extra" + rest, nil},
		{"a newer form that it may not read", "perennial record 7 2" + rest, core.ErrRecordNewer},
		{"an unknown line", "perennial record 1 1" + rest + "colour \"blue\"\n", nil},
		{"more values than this version knows", "perennial record 1 1" + rest + "session \"s\" \"more\" 3\n", nil},
		{"a known key with an unknown form", "perennial record 1 1" + rest + "session {s}\n", core.ErrRecordUnknown},
		{"another tenant", "perennial record 1 1\ntenant \"other\"\nlineage \"l\"\n", core.ErrRecordForeign},
		{"no tenant", "perennial record 1 1\nlineage \"l\"\n", core.ErrRecordForeign},
		{"something else", "{\"token\":\"x\"}", core.ErrRecordUnknown},
		{"nothing", "", core.ErrRecordUnknown},
		{"too much", "perennial record 1 1\n" + strings.Repeat("a\n", 1<<20), core.ErrRecordUnknown},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := core.DecodeRecord(core.NewSecret(test.text), tenant)
			if !errors.Is(err, test.want) {
				t.Fatalf("error %v, want %v", err, test.want)
			}
		})
	}
}

// TestUnknownLinesSurviveASave: an older version must not cost the newer one
// what it stored.
func TestUnknownLinesSurviveASave(t *testing.T) {
	t.Parallel()
	text := "perennial record 2 1\ntenant \"" + tenant + "\"\nlineage \"l\"\ncolour \"blue\" 7\ncredential \"c\"\nshape\n"
	r, err := core.DecodeRecord(core.NewSecret(text), tenant)
	if err != nil {
		t.Fatal(err)
	}
	again := core.EncodeRecord(r, tenant).Reveal()
	for _, line := range []string{"colour \"blue\" 7\n", "shape\n", "credential \"c\"\n"} {
		if !strings.Contains(again, line) {
			t.Errorf("line %q is gone from:\n%s", line, again)
		}
	}
}

func FuzzDecodeRecord(f *testing.F) {
	f.Add("perennial record 1 1\ntenant \"tenant-digest\"\nlineage \"l\"\nrevocation \"a\" \"b\" \"c\"\n")
	f.Add("perennial record 9 9\n")
	f.Add("attempt \"sign-in\" \"\" 3\n")
	f.Add("perennial record 1 1\ntenant \"tenant-digest\"\nflow \"sign-in\" \"s\" \"v\" \"app://x\" \"c\" \"n\" \"sess_1\" 7\nflow \"done\" \"t\"\nflow \"sign-up\"\n")
	f.Fuzz(func(t *testing.T, text string) {
		r, err := core.DecodeRecord(core.NewSecret(text), tenant)
		if err != nil {
			return
		}
		again, err := core.DecodeRecord(core.EncodeRecord(r, tenant), tenant)
		if err != nil {
			t.Fatalf("what was read cannot be read again: %v", err)
		}
		if diff := cmp.Diff(r, again, asSecrets); diff != "" {
			t.Fatalf("mismatch (-want +got)\n%s", diff)
		}
	})
}
