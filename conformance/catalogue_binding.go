package conformance

import (
	"time"

	"github.com/perennialauth/perennial/device/vault"
	"github.com/perennialauth/perennial/device/vault/memvault"
)

// bindingScenarios: the entries about rotation again, on a server that binds
// credentials to a device key. A record of before there were keys becomes bound;
// after a week the bound credential gets a successor. A device that binds
// nothing is no subject of them.
func bindingScenarios() []Scenario {
	const week = 8 * 24 * time.Hour
	comes := func(what Stored) Step { return Step{Do: Comes, Stored: what} }
	lost := Fault{Route: readClient, Times: 2, Commit: true, Break: true}
	enrolled := []Step{
		{Do: Binds}, starts(unverified, ""), becomes(active, ""), comes(HasBranch), {Do: FreshToken}, comes(Bound),
	}
	with := func(more ...Step) []Step { return append(enrolled[:len(enrolled):len(enrolled)], more...) }
	// A week later one launch learns the time, and the next one asks.
	due := []Step{
		{Do: ServerAhead, For: week}, {Do: Age, For: week}, {Do: Restart}, starts(unverified, ""), becomes(active, ""), {Do: Drains},
		{Do: Restart},
	}
	rotated := func(more ...Step) []Step { return with(append(due[:len(due):len(due)], more...)...) }
	return []Scenario{
		{Slug: "killed-mid-refresh", Case: "bound, after each step", Given: Session, Steps: []Step{
			{Do: Binds}, starts(unverified, ""), {Do: Kill}, starts(unverified, ""), becomes(active, ""), {Do: Kill},
			starts(unverified, ""), comes(HasBranch), {Do: Kill}, starts(unverified, ""), comes(Bound), {Do: Kill},
			starts(unverified, ""), becomes(active, ""), holds(Bound),
		}},
		{Slug: "response-lost-after-rotation", Case: "bound, the offer is answered twice in vain", Given: Session, Steps: []Step{
			starts(unverified, ""), becomes(active, ""), {Do: Binds}, {Do: FreshToken}, script(lost), comes(HasBranch),
			{Do: FreshToken}, comes(Bound),
		}},
		{Slug: "response-lost-after-rotation", Case: "bound, the successor is answered twice in vain", Given: Session, Steps: rotated(
			script(lost), starts(unverified, ""), comes(BoundNext), Step{Do: ServerSays, Status: "alive"},
		)},
		{Slug: "response-lost-after-rotation", Case: "bound, and the process with it", Given: Session, Steps: rotated(
			script(Fault{Route: readClient, Commit: true, Break: true}), starts(unverified, ""), Step{Do: Kill}, healed(),
			starts(unverified, ""), becomes(active, ""), comes(BoundNext), Step{Do: ServerSays, Status: "alive"},
		)},
		{Slug: "rotated-token-not-persisted", Case: "bound, and nothing can be written", Given: Session, Steps: []Step{
			store(answers(memvault.Save, vault.Failed, 99)), {Do: Binds}, starts(unverified, ""), becomes(active, ""),
			{Do: FreshToken}, {Do: FreshToken}, stays(active, 100*time.Millisecond), holds(Unchanged),
			{Do: Kill}, starts(unverified, ""), becomes(active, ""), comes(HasBranch), {Do: FreshToken}, comes(Bound),
		}},
		{Slug: "two-processes-refresh", Case: "bound by a peer", Given: Session, Steps: []Step{
			starts(unverified, ""), becomes(active, ""), {Do: Binds}, {Do: PeerUses}, {Do: FreshToken}, comes(HasBranch),
			{Do: PeerUses}, {Do: FreshToken}, comes(Bound), stays(active, 50*time.Millisecond), {Do: ServerSays, Status: "alive"},
		}},
		{Slug: "slow-response-past-window", Case: "bound", Given: Session, Steps: []Step{
			{Do: Binds}, script(Fault{Route: readClient, Delay: 400 * time.Millisecond}), starts(unverified, ""),
			stays(unverified, 200*time.Millisecond), becomes(active, ""), comes(HasBranch), {Do: FreshToken}, comes(Bound),
		}},
		{Slug: "sign-out-races-refresh", Case: "bound, while a key is offered", Given: Session, MayEnd: true, Steps: []Step{
			{Do: Binds}, starts(unverified, ""), becomes(active, ""),
			script(Fault{Route: readClient, Times: 1, Delay: 200 * time.Millisecond}), {Do: SignOut},
			stays(signedOut, 400*time.Millisecond), {Do: Drains}, holds(Tombstone), {Do: ServerSays, Status: "ended"},
		}},
		{Slug: "clock-slow", Case: "bound, the server is ten years ahead", Given: Session, Steps: with(
			Step{Do: ServerAhead, For: 10 * 365 * 24 * time.Hour}, Step{Do: FreshToken}, stays(active, 50*time.Millisecond), holds(Bound),
		)},
	}
}
