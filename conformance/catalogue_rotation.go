package conformance

import (
	"time"

	"github.com/perennialauth/perennial/device/vault"
	"github.com/perennialauth/perennial/device/vault/memvault"
)

// rotationScenarios: the entries of several groups that need a server that
// replaces the credential. The predecessor works until the successor was
// presented, and gets the same successor again until then.
func rotationScenarios() []Scenario {
	portal := Fault{
		Status: 200, ContentType: "text/html", Body: "<html>", Header: map[string]string{"Authorization": "of-the-portal"},
	}
	rotation := []Step{{Do: Rotates}, starts(unverified, ""), becomes(active, "")}
	with := func(more ...Step) []Step { return append(rotation[:len(rotation):len(rotation)], more...) }
	return []Scenario{
		{Slug: "rotated-token-not-persisted", Case: "taken, then proved", Given: Session, Steps: with(
			Step{Do: Drains}, holds(HasBoth), Step{Do: FreshToken}, Step{Do: Drains}, holds(Rotated),
			Step{Do: Kill}, starts(unverified, ""), becomes(active, ""),
		)},
		{Slug: "rotated-token-not-persisted", Case: "killed before it was proved", Given: Session, Steps: with(
			Step{Do: Drains}, holds(HasBoth), Step{Do: Kill}, starts(unverified, ""), becomes(active, ""), Step{Do: Drains},
			holds(Rotated),
		)},
		{Slug: "disk-full-erases-credential", Case: "a rotation cannot be written", Given: Session, Steps: []Step{
			store(answers(memvault.Save, vault.Failed, 99)), {Do: Rotates}, starts(unverified, ""), becomes(active, ""),
			{Do: FreshToken}, {Do: FreshToken}, stays(active, 100*time.Millisecond), holds(Unchanged),
			{Do: Kill}, starts(unverified, ""), becomes(active, ""), {Do: Drains}, {Do: FreshToken}, {Do: Drains}, holds(Rotated),
		}},
		{Slug: "rotated-token-not-persisted", Case: "written and reported as failed", Given: Session, Steps: []Step{
			store(StoreFault{Operation: memvault.Save, Fault: memvault.Fault{Answer: vault.Failed, Persist: true, Times: 2}}),
			{Do: Rotates}, starts(unverified, ""), becomes(active, ""), {Do: Drains}, {Do: FreshToken}, {Do: Drains}, holds(Rotated),
		}},
		{Slug: "response-lost-after-rotation", Case: "the answer is lost twice", Given: Session, Steps: []Step{
			{Do: Rotates}, script(Fault{Times: 2, Commit: true, Break: true}), starts(unverified, ""), becomes(active, ""),
			{Do: Drains}, {Do: FreshToken}, {Do: Drains}, holds(Rotated),
		}},
		{Slug: "response-lost-after-rotation", Case: "and the process with it", Given: Session, Steps: []Step{
			{Do: Rotates}, script(Fault{Commit: true, Break: true}), starts(unverified, ""), stays(unverified, 100*time.Millisecond),
			{Do: Kill}, holds(Unchanged), healed(), starts(unverified, ""), becomes(active, ""), {Do: Drains}, {Do: FreshToken},
			{Do: Drains}, holds(Rotated),
		}},
		{Slug: "html-200-parsed-as-verdict", Case: "a portal hands out a credential", Given: Session, Steps: []Step{
			script(portal), starts(unverified, ""), stays(unverified, 150*time.Millisecond), holds(Unchanged), healed(),
			becomes(active, ""), holds(Unchanged),
		}},
		{Slug: "loser-deletes-winner", Case: "a peer rotated the credential", Given: Session, Steps: []Step{
			starts(unverified, ""), becomes(active, ""), {Do: Rotates}, {Do: PeerUses}, holds(Rotated), {Do: FreshToken},
			stays(active, 100*time.Millisecond), holds(Rotated), {Do: ServerSays, Status: "alive"},
		}},
		{Slug: "sign-out-races-refresh", Case: "during a rotation", Given: Session, MayEnd: true, Steps: []Step{
			{Do: Rotates}, script(Fault{Route: readClient, Times: 1, Delay: 200 * time.Millisecond}), starts(unverified, ""),
			{Do: SignOut}, stays(signedOut, 400*time.Millisecond), {Do: Drains}, holds(Tombstone), {Do: ServerSays, Status: "ended"},
			{Do: Restart}, starts(signedOut, "user"),
		}},
	}
}
