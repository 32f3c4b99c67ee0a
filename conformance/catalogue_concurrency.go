package conformance

import (
	"time"

	"github.com/perennialauth/perennial/device/vault"
	"github.com/perennialauth/perennial/device/vault/memvault"
)

// concurrencyScenarios: group "Concurrency", as far as one process and one peer
// can show it.
func concurrencyScenarios() []Scenario {
	return []Scenario{
		{Slug: "in-process-refresh-stampede", Case: "50 calls", Given: Session, Steps: []Step{
			script(Fault{Route: mint, Delay: 50 * time.Millisecond}), {Do: Life, For: time.Second}, starts(unverified, ""),
			becomes(active, ""), atMost(9, ""), {Do: Calls, N: 50}, atMost(1, mint), token(""),
		}},
		{Slug: "in-process-refresh-stampede", Case: "half of them cancelled", Given: Session, Steps: []Step{
			script(Fault{Route: mint, Delay: 50 * time.Millisecond}), {Do: Life, For: time.Second}, starts(unverified, ""),
			becomes(active, ""), {Do: Calls, N: 50, Implied: true}, atMost(1, mint),
		}},
		{Slug: "token-swap-wipes-cache-first", Case: "network never answers", Given: Session, Steps: []Step{
			script(hangs), starts(unverified, "restored"), {Do: Adopt, Text: "other", Err: "offline"},
			{Do: Stays, Kind: unverified, User: UserID, For: 100 * time.Millisecond}, holds(HasSession),
			{Do: Kill}, {Do: Starts, Kind: unverified, User: UserID},
		}},
		{Slug: "token-swap-wipes-cache-first", Case: "another user's credential", Given: Session, Steps: []Step{
			starts(unverified, ""), {Do: Adopt, Text: "other"}, {Do: Stays, Kind: active, User: SecondUserID, For: 20 * time.Millisecond},
			{Do: Restart}, {Do: Starts, Kind: unverified, User: SecondUserID},
		}},
		{Slug: "token-swap-wipes-cache-first", Case: "the same credential", Given: Session, Steps: []Step{
			starts(unverified, ""), {Do: Adopt, Text: "same"}, becomes(active, ""), holds(Unchanged),
		}},
		{Slug: "token-swap-wipes-cache-first", Case: "a copy that lags knows no session of it", Given: Session, Steps: []Step{
			starts(unverified, ""), becomes(active, ""), script(Fault{
				Route: readClient, Times: 1, Status: 200,
				Body: `{"response":{"object":"client","id":"client_lagging","sessions":[],"updated_at":1},"client":null}`,
			}),
			{Do: Adopt, Text: "other"}, {Do: Stays, Kind: active, User: SecondUserID, For: 20 * time.Millisecond},
			{Do: Restart}, {Do: Starts, Kind: unverified, User: SecondUserID},
		}},
		// Only a server that says what it got can say that nobody is behind it.
		{Slug: "token-swap-wipes-cache-first", Case: "a useless credential", Given: Session, Steps: []Step{
			{Do: Binds}, starts(unverified, ""), {Do: Adopt, Text: "useless", Err: "refused"}, becomes(active, ""),
			{Do: Restart}, {Do: Starts, Kind: unverified, User: UserID},
		}},
		{Slug: "token-swap-wipes-cache-first", Case: "handed over offline, identified later", Given: Empty, MayEnd: true, Steps: []Step{
			script(down), starts(signedOut, "none"), {Do: Adopt, Text: "other", Err: "offline"}, becomes(unknown, "unidentified"),
			{Do: Kill}, starts(unknown, "unidentified"), healed(), {Do: Becomes, Kind: active, User: SecondUserID},
		}},
		{Slug: "double-init-spends-one-time-code", Case: "over a restart", Given: Empty, MayEnd: true, Steps: []Step{
			starts(signedOut, "none"), {Do: BeginCode, User: Email}, {Do: Kill}, starts(signedOut, "none"), {Do: EnterCode},
			becomes(active, ""), {Do: EnterCode, Err: "no-attempt"}, becomes(active, ""), {Do: Restart}, starts(unverified, ""),
		}},
		{Slug: "out-of-order-response", Case: "sign-in while the store is still being read", Given: Empty, Steps: []Step{
			store(StoreFault{Operation: memvault.Load, Fault: memvault.Fault{Times: 1}, Hang: true}),
			starts(unknown, "storage-slow"), {Do: SignIn, User: Email}, {Do: Becomes, Kind: active, User: UserID}, holds(HasSession),
			{Do: Restart}, starts(unverified, ""),
		}},
		{Slug: "sign-out-races-refresh", Case: "the answer comes after the sign-out", Given: Session, MayEnd: true, Steps: []Step{
			starts(unverified, ""), becomes(active, ""), script(Fault{Route: readClient, Delay: 300 * time.Millisecond}),
			{Do: Restart}, starts(unverified, ""), {Do: SignOut}, stays(signedOut, 500*time.Millisecond), holds(Tombstone),
			{Do: Restart}, starts(signedOut, "user"), {Do: ServerSays, Status: "ended"},
		}},
		{Slug: "sign-out-races-refresh", Case: "and another user signs in meanwhile", Given: Session, MayEnd: true, Steps: []Step{
			script(Fault{Route: readClient, Times: 1, Delay: 300 * time.Millisecond}), starts(unverified, ""), {Do: SignOut},
			{Do: SignIn, User: SecondEmail}, {Do: Stays, Kind: active, User: SecondUserID, For: 500 * time.Millisecond},
			{Do: Restart}, {Do: Starts, Kind: unverified, User: SecondUserID},
		}},
		{Slug: "loser-deletes-winner", Case: "a rejection of the older sign-in", Given: Session, MayEnd: true, Steps: []Step{
			starts(unverified, ""), becomes(active, ""), {Do: EndSession, Status: "revoked"}, {Do: PeerIn, User: SecondEmail},
			{Do: Reload}, {Do: Becomes, Kind: active, User: SecondUserID}, holds(HasSession),
		}},
		{Slug: "two-processes-refresh", Case: "a peer signs out", Given: Session, MayEnd: true, Steps: []Step{
			starts(unverified, ""), becomes(active, ""), {Do: PeerOut}, {Do: Reload}, becomes(signedOut, "user"), holds(Tombstone),
		}},
		{Slug: "lock-deadlock", Case: "the store is locked for a while", Given: Session, Steps: []Step{
			starts(unverified, ""), becomes(active, ""), store(answers(memvault.Save, vault.Locked, 3)),
			{Do: SignIn, User: SecondEmail, Err: "not-stored"}, {Do: Drains}, holds(HasSession),
			{Do: Restart}, {Do: Starts, Kind: unverified, User: SecondUserID},
		}},
	}
}

// lifeScenarios: group "Life-cycle".
func lifeScenarios() []Scenario {
	var list []Scenario
	for _, n := range []int{1, 5, 20} {
		list = append(list, Scenario{
			Slug: "refresh-loop-dies", Case: named("%d failures", n), Given: Session, Steps: []Step{
				script(Fault{Times: n, Status: 503, Body: ErrorBody("x")}), starts(unverified, ""), becomes(active, ""), token(""),
			},
		})
	}
	return append(list,
		Scenario{Slug: "connectivity-monitor-silent", Given: Session, Steps: []Step{
			starts(unverified, ""), becomes(active, ""),
		}},
		Scenario{Slug: "killed-mid-refresh", Given: Session, Steps: []Step{
			script(Fault{Delay: 50 * time.Millisecond}), starts(unverified, ""), {Do: Kill}, starts(unverified, ""), {Do: Kill},
			starts(unverified, ""), becomes(active, ""), {Do: Kill}, starts(unverified, ""), becomes(active, ""), token(""),
		}},
		Scenario{Slug: "cold-deep-link-loses-flow", Case: "a code, after a cold start", Given: Empty, MayEnd: true, Steps: []Step{
			starts(signedOut, "none"), {Do: BeginCode, User: Email}, {Do: Kill}, starts(signedOut, "none"), {Do: Nudge}, {Do: EnterCode},
			{Do: Becomes, Kind: active, User: UserID}, {Do: Kill}, {Do: Starts, Kind: unverified, User: UserID},
		}},
		Scenario{Slug: "cold-deep-link-loses-flow", Case: "a code that belongs to nothing", Given: Session, Steps: []Step{
			starts(unverified, ""), {Do: EnterCode, Err: "no-attempt"}, becomes(active, ""), {Do: EnterCode, Err: "no-attempt"},
			{Do: Stays, Kind: active, User: UserID, For: 50 * time.Millisecond}, holds(HasSession),
		}},
		Scenario{Slug: "reload-with-live-native-state", Given: Session, Steps: []Step{
			starts(unverified, ""), becomes(active, ""), {Do: Restart}, starts(unverified, ""), becomes(active, ""),
			atMost(0, removal), {Do: ServerSays, Status: "alive"},
		}},
	)
}

// suspended: the process is frozen for a night with a refresh under way, and the
// world has moved on.
func suspended() []Scenario {
	const slug, night = "suspended-mid-refresh", 8 * time.Hour
	return []Scenario{
		{Slug: slug, Case: "the answer is lost", Given: Session, Steps: []Step{
			{Do: Rotates}, script(Fault{Times: 2, Commit: true, Hang: true}), starts(unverified, ""), stays(unverified, 50*time.Millisecond),
			{Do: Sleeps, For: night}, healed(), {Do: Nudge}, becomes(active, ""), {Do: Drains}, {Do: FreshToken}, {Do: Drains},
			holds(Rotated), {Do: Restart}, starts(unverified, ""),
		}},
		{Slug: slug, Case: "an extension has refreshed since", Given: Session, Steps: []Step{
			starts(unverified, ""), becomes(active, ""), script(Fault{Route: mint, Times: 1, Commit: true, Hang: true}),
			{Do: FreshToken, Err: Any}, {Do: Rotates}, {Do: PeerUses}, holds(Rotated), {Do: Sleeps, For: night}, {Do: Nudge},
			{Do: FreshToken}, stays(active, 100*time.Millisecond), holds(Rotated), {Do: ServerSays, Status: "alive"},
		}},
		{Slug: slug, Case: "an extension has signed out since", Given: Session, MayEnd: true, Steps: []Step{
			starts(unverified, ""), becomes(active, ""), script(Fault{Route: mint, Times: 1, Delay: 300 * time.Millisecond}),
			{Do: PeerOut}, {Do: Sleeps, For: night}, {Do: Reload}, becomes(signedOut, "user"), {Do: FreshToken, Err: "signed-out"},
			holds(Tombstone), {Do: Drains}, {Do: ServerSays, Status: "ended"},
		}},
		{Slug: slug, Case: "the token has ended meanwhile", Given: Session, Steps: []Step{
			starts(unverified, ""), becomes(active, ""), token(""), {Do: Sleeps, For: night}, script(down), token("offline"),
			stays(active, 50*time.Millisecond), healed(), {Do: Nudge}, token(""),
		}},
	}
}

// foreground: the application comes back from the browser, or from the mail with
// the code, and the ordinary refresh starts at the same moment, with the
// credential from before. The answers come in every order.
func foreground() []Scenario {
	const attempt = "POST /client/sign_ins/{id}/attempt_first_factor"
	var list []Scenario
	for _, answers := range []struct {
		order            string
		refresh, attempt time.Duration
	}{
		{"the refresh first", 20 * time.Millisecond, 200 * time.Millisecond},
		{"at once", 80 * time.Millisecond, 80 * time.Millisecond},
		{"the refresh last", 300 * time.Millisecond, 0},
	} {
		order := answers.order
		slow := script(Fault{Route: readClient, Delay: answers.refresh}, Fault{Route: attempt, Delay: answers.attempt})
		second := func(do Deed) Step {
			return Step{Do: do, Kind: active, User: SecondUserID, For: 400 * time.Millisecond}
		}
		list = append(list,
			Scenario{Slug: "foreground-refresh-races-oauth", Case: "nobody was signed in, " + order, Given: Empty, MayEnd: true, Steps: []Step{
				starts(signedOut, "none"), {Do: BeginCode, User: SecondEmail}, slow, {Do: Nudge}, {Do: EnterCode}, {Do: Nudge},
				second(Becomes), second(Stays), {Do: Restart}, {Do: Starts, Kind: unverified, User: SecondUserID},
			}},
			Scenario{Slug: "foreground-refresh-races-oauth", Case: "somebody else was, " + order, Given: Session, Steps: []Step{
				slow, starts(unverified, ""), {Do: BeginCode, User: SecondEmail}, {Do: Nudge}, {Do: EnterCode}, {Do: Nudge},
				second(Becomes), second(Stays), {Do: Drains}, {Do: ServerSays, Status: "ended"},
				{Do: Restart}, {Do: Starts, Kind: unverified, User: SecondUserID},
			}})
	}
	return list
}
