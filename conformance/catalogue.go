package conformance

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/perennialauth/perennial/device/vault"
	"github.com/perennialauth/perennial/device/vault/memvault"
)

// Catalogue returns every scenario, group by group.
func Catalogue() []Scenario {
	return slices.Concat(apiScenarios(), networkScenarios(), storageScenarios(), vaultScenarios(), concurrencyScenarios(),
		foreground(), browserScenarios(), lifeScenarios(), suspended(), rotationScenarios(), bindingScenarios())
}

// Words used by the groups.
const (
	active      = "active"
	unverified  = "active-unverified"
	pendingTask = "pending"
	signedOut   = "signed-out"
	unknown     = "undetermined"

	mint       = "POST /client/sessions/{id}/tokens"
	readClient = "GET /client"
	removal    = "POST /client/sessions/{id}/remove"
)

func starts(kind, cause string) Step  { return Step{Do: Starts, Kind: kind, Cause: cause} }
func becomes(kind, cause string) Step { return Step{Do: Becomes, Kind: kind, Cause: cause} }
func stays(kind string, long time.Duration) Step {
	return Step{Do: Stays, Kind: kind, For: long}
}
func script(faults ...Fault) Step     { return Step{Do: Script, Server: faults} }
func store(faults ...StoreFault) Step { return Step{Do: StoreScript, Store: faults} }
func healed() Step                    { return Step{Do: Script} }
func holds(what Stored) Step          { return Step{Do: Stores, Stored: what} }
func token(failure string) Step       { return Step{Do: Token, Err: failure} }
func atMost(n int, route string) Step {
	return Step{Do: Requests, N: n, Route: route}
}

func watches(kind string) Step { return Step{Do: Watches, Text: kind} }
func explains(words string) Step {
	return Step{Do: Explains, Text: words}
}

func answers(op memvault.Operation, answer vault.Answer, times int) StoreFault {
	return StoreFault{Operation: op, Fault: memvault.Fault{Answer: answer, Times: times}}
}

func lasting(answer vault.Answer) StoreFault {
	return StoreFault{Lasting: true, Fault: memvault.Fault{Answer: answer, Schema: 9}}
}

var (
	down       = Fault{Break: true}
	hangs      = Fault{Hang: true}
	storeHangs = StoreFault{Operation: memvault.Load, Hang: true}
)

// apiScenarios: group "API and UX".
func apiScenarios() []Scenario {
	list := []Scenario{
		{Slug: "never-settles", Case: "record, network hangs", Given: Session, Steps: []Step{
			script(hangs), starts(unverified, "restored"), stays(unverified, 300*time.Millisecond), holds(Unchanged),
		}},
		{Slug: "never-settles", Case: "empty, network hangs", Given: Empty, MayEnd: true, Steps: []Step{
			script(hangs), starts(signedOut, "none"), atMost(0, ""),
		}},
		{Slug: "never-settles", Case: "record, storage hangs", Given: Session, Steps: []Step{
			store(storeHangs), starts(unknown, "storage-slow"), store(), becomes(active, ""), holds(Unchanged),
		}},
		{Slug: "never-settles", Case: "empty, storage hangs", Given: Empty, MayEnd: true, Steps: []Step{
			store(storeHangs), starts(unknown, "storage-slow"), store(), becomes(signedOut, "none"), atMost(0, ""),
		}},

		{Slug: "unknown-coerced-to-signed-out", Case: "no session", Given: Empty, MayEnd: true, Steps: []Step{
			starts(signedOut, "none"), token("signed-out"), atMost(0, ""),
		}},
		{Slug: "unknown-coerced-to-signed-out", Case: "offline with expired token", Given: Session, Steps: []Step{
			script(down), starts(unverified, "restored"), token("offline"), stays(unverified, 100*time.Millisecond),
			holds(Unchanged),
		}},
		{Slug: "unknown-coerced-to-signed-out", Case: "store locked", Given: Session, Steps: []Step{
			store(lasting(vault.Locked)), starts(unknown, "storage-locked"), token("undetermined"),
			stays(unknown, 200*time.Millisecond), atMost(0, ""), holds(Unchanged),
		}},
		{Slug: "unknown-coerced-to-signed-out", Case: "store not loaded", Given: Session, Steps: []Step{
			store(storeHangs), starts(unknown, "storage-slow"), token("undetermined"), atMost(0, ""), holds(Unchanged),
		}},
		{Slug: "unknown-coerced-to-signed-out", Case: "an explicit sign-out waits for the store", Given: Session, MayEnd: true, Steps: []Step{
			store(answers(memvault.Load, vault.Locked, 2)), starts(unknown, "storage-locked"), {Do: SignOut},
			becomes(signedOut, "user"), holds(Tombstone), {Do: Drains}, {Do: ServerSays, Status: "ended"},
		}},

		{Slug: "pending-taken-as-signed-out", Case: "online", Given: TaskOpen, Steps: []Step{
			{Do: Starts, Kind: pendingTask, Task: "setup-mfa"}, token("pending"), {Do: SetTask}, {Do: Nudge},
			{Do: Restart}, {Do: Starts, Kind: pendingTask}, becomes(active, ""), token(""), holds(HasSession),
		}},
		{Slug: "pending-taken-as-signed-out", Case: "offline", Given: TaskOpen, Steps: []Step{
			script(down), {Do: Starts, Kind: pendingTask, Task: "setup-mfa"}, token("pending"),
			stays(pendingTask, 200*time.Millisecond), holds(Unchanged),
		}},

		{Slug: "identity-and-credential-diverge", Case: "identity without credential", Given: NoCredential, MayEnd: true, Steps: []Step{
			starts(signedOut, "credential-missing"), token("signed-out"), atMost(0, ""),
			{Do: SignIn, User: Email}, {Do: Becomes, Kind: active, User: UserID},
		}},
		{Slug: "identity-and-credential-diverge", Case: "credential without identity", Given: NoIdentity, Steps: []Step{
			starts(unverified, "restored"), {Do: Becomes, Kind: active, User: UserID}, holds(HasSession), token(""),
		}},
		{Slug: "identity-and-credential-diverge", Case: "credential without identity, offline", Given: NoIdentity, Steps: []Step{
			script(down), starts(unverified, "restored"), stays(unverified, 150*time.Millisecond), holds(Unchanged),
		}},

		{Slug: "stale-user-after-switch", Case: "sign-out, then another user", Given: Session, MayEnd: true, Steps: []Step{
			starts(unverified, ""), becomes(active, ""), {Do: SignOut}, stays(signedOut, 50*time.Millisecond), {Do: Restart},
			starts(signedOut, "user"), {Do: SignIn, User: SecondEmail}, {Do: Becomes, Kind: active, User: SecondUserID},
			{Do: Restart}, {Do: Starts, Kind: unverified, User: SecondUserID},
		}},
		{Slug: "stale-user-after-switch", Case: "another user without sign-out", Given: Session, Steps: []Step{
			starts(unverified, ""), becomes(active, ""), {Do: SignIn, User: SecondEmail},
			{Do: Stays, Kind: active, User: SecondUserID, For: 50 * time.Millisecond}, {Do: Drains},
			{Do: ServerSays, Status: "ended"}, script(down), {Do: Restart}, {Do: Starts, Kind: unverified, User: SecondUserID},
		}},

		{Slug: "cached-user-after-revocation", Case: "online start", Given: Session, MayEnd: true, Steps: []Step{
			{Do: EndSession, Status: "revoked"}, starts(unverified, ""), becomes(signedOut, "revoked"), holds(Tombstone),
			{Do: Restart}, starts(signedOut, "revoked"), atMost(1, readClient),
		}},
		{Slug: "cached-user-after-revocation", Case: "at a refresh", Given: Session, MayEnd: true, Steps: []Step{
			starts(unverified, ""), becomes(active, ""), {Do: EndSession, Status: "revoked"},
			{Do: FreshToken, Err: "signed-out"}, becomes(signedOut, "revoked"), holds(Tombstone),
		}},
		{Slug: "cached-user-after-revocation", Case: "offline start, then online", Given: Session, MayEnd: true, Steps: []Step{
			{Do: EndSession, Status: "revoked"}, script(down), starts(unverified, ""), stays(unverified, 100*time.Millisecond),
			healed(), becomes(signedOut, "revoked"), holds(Tombstone),
		}},
		{Slug: "cached-user-after-revocation", Case: "offline beyond the limit", Given: Session, Steps: []Step{
			{Do: Age, For: 31 * 24 * time.Hour}, script(down), starts(unknown, "offline-limit"), token("undetermined"),
			stays(unknown, 150*time.Millisecond), healed(), becomes(active, ""), token(""), {Do: Restart}, starts(unverified, ""),
		}},

		{Slug: "event-before-listener", Case: "from before the first verdict to long after it", Given: Session, MayEnd: true, Steps: []Step{
			script(Fault{Route: readClient, Delay: 50 * time.Millisecond}), starts(unverified, ""), watches(plainWatcher), watches(slowWatcher),
			watches(panicsWatcher), becomes(active, ""), watches(plainWatcher), {Do: SignIn, User: SecondEmail}, watches(slowWatcher),
			{Do: Becomes, Kind: active, User: SecondUserID}, {Do: SignOut}, {Do: Drains}, becomes(signedOut, "user"),
			watches(plainWatcher), {Do: WatchersAgree},
		}},
		{Slug: "event-before-listener", Case: "beside a slow one and one that panics", Given: Session, Steps: []Step{
			script(Fault{Times: 5, Status: 503, Body: ErrorBody("x")}), starts(unverified, ""), watches(panicsWatcher), watches(slowWatcher),
			becomes(active, ""), token(""), watches(plainWatcher), {Do: WatchersAgree}, stays(active, 20*time.Millisecond),
		}},
	}
	list = append(list, resolvesWithoutVerdict()...)
	return append(list, signOutHalfDone()...)
}

// resolvesWithoutVerdict: what restore returns decides the screen by itself, and
// thirty polls afterwards never say anything else.
func resolvesWithoutVerdict() []Scenario {
	poll := 30 * time.Millisecond
	const slug = "resolves-without-verdict"
	return []Scenario{
		{Slug: slug, Case: "valid record", Given: Session, Steps: []Step{script(hangs), starts(unverified, "restored"), stays(unverified, poll)}},
		{Slug: slug, Case: "absent", Given: Empty, MayEnd: true, Steps: []Step{starts(signedOut, "none"), stays(signedOut, poll)}},
		{Slug: slug, Case: "locked", Given: Session, Steps: []Step{
			store(lasting(vault.Locked)), starts(unknown, "storage-locked"), stays(unknown, poll),
		}},
		{Slug: slug, Case: "corrupt", Given: Session, Steps: []Step{
			store(lasting(vault.Corrupt)), starts(unknown, "storage-corrupt"), stays(unknown, poll), holds(Unchanged),
		}},
		{Slug: slug, Case: "network down", Given: Session, Steps: []Step{
			script(down), starts(unverified, "restored"), stays(unverified, poll),
		}},
	}
}

// signOutHalfDone: the tombstone first, then a revocation that is not given up.
func signOutHalfDone() []Scenario {
	var list []Scenario
	refusal := func(status int) Fault {
		return Fault{Route: removal, Times: 2, Status: status, Body: ErrorBody("something_odd")}
	}
	faults := map[string][]Fault{
		"no network":            {{Route: removal, Times: 3, Break: true}},
		"401":                   {refusal(401)},
		"403":                   {refusal(403)},
		"404":                   {refusal(404)},
		"500":                   {refusal(500)},
		"hangs once":            {{Route: removal, Times: 1, Hang: true}},
		"200 naming no session": {{Route: removal, Times: 2, Status: 200, Body: `{"response":null,"client":null}`}},
		"HTML":                  {{Route: removal, Times: 2, Status: 200, ContentType: "text/html", Body: "<html>"}},
	}
	for _, name := range sorted(faults) {
		list = append(list, Scenario{
			Slug: "sign-out-half-done", Case: name, Given: Session, MayEnd: true, Steps: []Step{
				starts(unverified, ""), becomes(active, ""), script(faults[name]...), {Do: SignOut},
				stays(signedOut, 10*time.Millisecond), holds(Tombstone), {Do: Drains}, {Do: ServerSays, Status: "ended"},
				{Do: Restart}, starts(signedOut, "user"),
			},
		})
	}
	return append(list,
		Scenario{Slug: "sign-out-half-done", Case: "offline, killed, relaunched online", Given: Session, MayEnd: true, Steps: []Step{
			script(down), starts(unverified, ""), {Do: SignOut}, {Do: Kill}, starts(signedOut, "user"), healed(), {Do: Nudge},
			{Do: Drains}, {Do: ServerSays, Status: "ended"},
		}},
		Scenario{Slug: "sign-out-half-done", Case: "a gateway refuses with a documented code", Given: Session, MayEnd: true, Steps: []Step{
			starts(unverified, ""), becomes(active, ""),
			script(Fault{Route: removal, Times: 3, Status: 401, Body: ErrorBody("authentication_invalid")}),
			{Do: SignOut}, {Do: Drains}, {Do: ServerSays, Status: "ended"}, {Do: Restart}, starts(signedOut, "user"),
		}},
		Scenario{Slug: "sign-out-half-done", Case: "disk full", Given: Session, MayEnd: true, Steps: []Step{
			starts(unverified, ""), becomes(active, ""), store(answers(memvault.Save, vault.Failed, 2)),
			{Do: SignOut, Err: "not-stored"}, stays(signedOut, 10*time.Millisecond), {Do: Drains}, holds(Tombstone),
			{Do: Restart}, starts(signedOut, "user"),
		}},
	)
}

func sorted(m map[string][]Fault) []string {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func named(format string, args ...any) string {
	return strings.ReplaceAll(fmt.Sprintf(format, args...), "/", " ")
}
