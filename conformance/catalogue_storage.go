package conformance

import (
	"time"

	"github.com/perennialauth/perennial/device/vault"
	"github.com/perennialauth/perennial/device/vault/memvault"
)

// storageScenarios: group "Storage", as far as it is decided above the vault.
// What happens inside a vault (torn writes, size limits, permissions) is held
// to the vault's own suite.
func storageScenarios() []Scenario {
	list := []Scenario{
		{Slug: "locked-read-as-absent", Given: Session, Steps: []Step{
			store(lasting(vault.Locked)), starts(unknown, "storage-locked"), stays(unknown, 600*time.Millisecond),
			holds(Unchanged), atMost(0, ""), store(), becomes(unverified, ""), becomes(active, ""), holds(Unchanged),
		}},
		{Slug: "decryption-key-gone", Given: Session, MayEnd: true, Steps: []Step{
			store(lasting(vault.KeyMissing)), starts(signedOut, "key-lost"), holds(QuarantineN), holds(Tombstone),
			{Do: SignIn, User: Email}, {Do: Restart}, {Do: Starts, Kind: unverified, User: UserID},
		}},
		{Slug: "transient-crypto-error-made-permanent", Given: Session, Steps: []Step{
			store(answers(memvault.Load, vault.Failed, 3)), starts(unknown, "storage-failed"), becomes(active, ""), holds(Unchanged),
		}},
		{Slug: "unreadable-then-deleted", Case: "corrupt for good", Given: Session, MayEnd: true, Steps: []Step{
			store(lasting(vault.Corrupt)), starts(unknown, "storage-corrupt"), becomes(signedOut, "record-lost"),
			holds(QuarantineN), {Do: SignIn, User: Email}, {Do: Restart}, starts(unverified, ""),
		}},
		{Slug: "disk-full-erases-credential", Case: "while confirming", Given: NoIdentity, Steps: []Step{
			store(answers(memvault.Save, vault.Failed, 2)), starts(unverified, ""), becomes(active, ""), {Do: Drains},
			holds(HasSession), {Do: Restart}, {Do: Starts, Kind: unverified, User: UserID},
		}},
		{Slug: "disk-full-erases-credential", Case: "killed before it could be written", Given: NoIdentity, Steps: []Step{
			store(answers(memvault.Save, vault.Failed, 99)), starts(unverified, ""), becomes(active, ""), stays(active, 100*time.Millisecond),
			holds(Unchanged), {Do: Kill}, starts(unverified, ""), becomes(active, ""), holds(HasSession),
		}},
		{Slug: "rotated-token-not-persisted", Case: "acknowledged but lost", Given: Session, Steps: []Step{
			script(Fault{Route: mint, Times: 1, Delay: time.Millisecond}), starts(unverified, ""), becomes(active, ""),
			{Do: Kill}, starts(unverified, ""), becomes(active, ""), holds(HasSession),
		}},
		{Slug: "store-bound-to-changed-principal", Given: Session, Steps: []Step{
			store(lasting(vault.AccessDenied)), starts(unknown, "storage-denied"), stays(unknown, 200*time.Millisecond),
			holds(Unchanged), {Do: Restart}, store(), starts(unverified, ""),
		}},
		{Slug: "schema-skew", Case: "newer and readable", Given: NewerReadable, Steps: []Step{
			starts(unverified, "restored"), becomes(active, ""), {Do: SignIn, User: SecondEmail}, holds(KeepsLines),
			{Do: Restart}, {Do: Starts, Kind: unverified, User: SecondUserID},
		}},
		{Slug: "schema-skew", Case: "newer envelope", Given: NewerEnvelope, Steps: []Step{
			starts(unknown, "schema-newer"), stays(unknown, 100*time.Millisecond), holds(Unchanged),
		}},
		{Slug: "schema-skew", Case: "newer vault", Given: Session, Steps: []Step{
			store(lasting(vault.TooNew)), starts(unknown, "schema-newer"), holds(Unchanged), store(), becomes(unverified, ""),
		}},
		{Slug: "schema-skew", Case: "no record at all", Given: OtherLineForm, Steps: []Step{
			starts(unknown, "storage-foreign"), holds(Unchanged), token("undetermined"),
		}},
		{Slug: "non-durable-store-in-use", Case: "a save reads back after a restart", Given: Empty, MayEnd: true, Steps: []Step{
			starts(signedOut, "none"), {Do: SignIn, User: Email}, {Do: Kill}, {Do: Starts, Kind: unverified, User: UserID},
		}},
	}
	list = append(list, unknownForms()...)
	list = append(list, installScenarios()...)
	for _, answer := range []vault.Answer{vault.Locked, vault.Failed, vault.Corrupt, vault.AccessDenied} {
		cause := map[vault.Answer]string{
			vault.Locked: "storage-locked", vault.Failed: "storage-failed", vault.Corrupt: "storage-corrupt",
			vault.AccessDenied: "storage-denied",
		}[answer]
		list = append(list, Scenario{Slug: "unreadable-then-deleted", Case: "once " + string(answer), Given: Session, Steps: []Step{
			store(answers(memvault.Load, answer, 1)), starts(unknown, cause), becomes(active, ""), holds(Unchanged),
		}})
	}
	for _, answer := range []vault.Answer{vault.Locked, vault.TooNew, vault.AccessDenied} {
		list = append(list, Scenario{
			Slug: "unreadable-then-deleted", Case: "sign-in beside " + string(answer), Given: Session, Steps: []Step{
				store(lasting(answer)), starts(unknown, ""), {Do: SignIn, User: SecondEmail},
				{Do: Becomes, Kind: active, User: SecondUserID}, holds(QuarantineN), {Do: Restart},
				{Do: Starts, Kind: unverified, User: SecondUserID},
			},
		})
	}
	return list
}

// installScenarios: a store that outlives the application that wrote it.
func installScenarios() []Scenario {
	const reinstall, marker = "reinstall-resurrects-session", "first-run-flag-wipes-store"
	return []Scenario{
		{Slug: marker, Case: "the marker cannot be read", Given: Session, Steps: []Step{
			{Do: Installs, Status: "discard"}, {Do: Starts, Kind: unverified, User: UserID}, becomes(active, ""), holds(Unchanged),
		}},
		{Slug: marker, Case: "the marker agrees", Given: Session, Steps: []Step{
			{Do: Installs, Text: "A", Status: "discard"}, {Do: Starts, Kind: unverified, User: UserID}, holds(Unchanged),
		}},
		{Slug: reinstall, Case: "discard", Given: Session, MayEnd: true, Steps: []Step{
			{Do: Installs, Text: "B", Status: "discard"}, starts(signedOut, "reinstall"), holds(Tombstone),
			{Do: ServerSays, Status: "alive"}, {Do: Restart}, starts(signedOut, "reinstall"),
			{Do: SignIn, User: SecondEmail}, {Do: Restart}, {Do: Starts, Kind: unverified, User: SecondUserID},
		}},
		{Slug: reinstall, Case: "adopt", Given: Session, Steps: []Step{
			{Do: Installs, Text: "B"}, script(down), {Do: Starts, Kind: unverified, User: Nobody},
			{Do: Stays, Kind: unverified, User: Nobody, For: 100 * time.Millisecond},
			healed(), {Do: Becomes, Kind: active, User: UserID}, {Do: Drains}, {Do: Restart}, {Do: Starts, Kind: unverified, User: UserID},
		}},
		{Slug: reinstall, Case: "a tombstone, discard", Given: SignedOutStore, MayEnd: true, Steps: []Step{
			{Do: Installs, Text: "B", Status: "discard"}, starts(signedOut, "user"),
		}},
		{Slug: reinstall, Case: "a tombstone, adopt", Given: SignedOutStore, MayEnd: true, Steps: []Step{
			{Do: Installs, Text: "B"}, starts(signedOut, "user"),
		}},
	}
}

// unknownForms: a record that the store can read and this version cannot. It is
// somebody else's, and signing in or out happens beside it.
func unknownForms() []Scenario {
	var list []Scenario
	for _, kind := range []Storage{Memory, Files} {
		for _, form := range []Given{NewerEnvelope, OtherLineForm} {
			cause := "storage-foreign"
			if form == NewerEnvelope {
				cause = "schema-newer"
			}
			list = append(list, Scenario{
				Slug: "schema-skew", Case: named("%s, a sign-in beside it, %s", form, kind), Given: form, Storage: kind, Steps: []Step{
					starts(unknown, cause), holds(Unchanged), {Do: SignIn, User: SecondEmail},
					{Do: Becomes, Kind: active, User: SecondUserID}, {Do: Drains}, holds(HasSession), holds(QuarantineN),
					{Do: Restart}, {Do: Starts, Kind: unverified, User: SecondUserID},
				},
			})
		}
	}
	return append(list,
		Scenario{Slug: "schema-skew", Case: "a newer app stores a record, and the older one signs out", Given: Session, MayEnd: true, Steps: []Step{
			starts(unverified, ""), becomes(active, ""), {Do: Plants, Text: string(NewerEnvelope)}, {Do: Reload},
			stays(active, 50*time.Millisecond), {Do: SignOut}, stays(signedOut, 20*time.Millisecond), holds(Tombstone), holds(QuarantineN),
			{Do: Drains}, {Do: ServerSays, Status: "ended"},
		}},
		Scenario{Slug: "schema-skew", Case: "a newer app stores a record, and the older one goes on", Given: NoIdentity, Steps: []Step{
			script(Fault{Route: readClient, Times: 1, Delay: 100 * time.Millisecond}), starts(unverified, ""),
			{Do: Plants, Text: string(NewerEnvelope)}, {Do: Reload}, becomes(active, ""), token(""), stays(active, 400*time.Millisecond),
			{Do: Restart}, starts(unknown, "schema-newer"),
		}})
}
