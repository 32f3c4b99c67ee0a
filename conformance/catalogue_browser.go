package conformance

import "time"

// browserScenarios: what a sign-in in the browser must live through, of the
// groups "Life-cycle" and "Concurrency".
func browserScenarios() []Scenario {
	return append(coldDeepLinks(), browserRaces()...)
}

func begins(flow, user string) Step { return Step{Do: BeginBrowser, Text: flow, User: user} }

func returns(flow string) Step { return Step{Do: Callback, Text: flow} }

// coldDeepLinks: the application is killed while the browser is in front.
func coldDeepLinks() []Scenario {
	const slug = "cold-deep-link-loses-flow"
	cold := func(flow string) Step { return Step{Do: StartsWith, Text: flow, Kind: signedOut, Cause: "none"} }
	first := Step{Do: Becomes, Kind: active, User: UserID}
	kept := Step{Do: Starts, Kind: unverified, User: UserID}
	begun := []Step{starts(signedOut, "none"), begins("F", UserID), {Do: Drains}}
	with := func(more ...Step) []Step { return append(begun[:len(begun):len(begun)], more...) }
	return []Scenario{
		{Slug: slug, Case: "the callback before the first verdict", Given: Empty, MayEnd: true, Steps: with(
			Step{Do: Kill}, cold("F"), first, Step{Do: Kill}, kept,
		)},
		{Slug: slug, Case: "and again, after it is complete", Given: Empty, MayEnd: true, Steps: with(
			Step{Do: Kill}, cold("F"), first, returns("F"), Step{Do: Restart}, kept, returns("F"), atMost(1, redemption),
		)},
		{Slug: slug, Case: "a second flow began meanwhile", Given: Empty, MayEnd: true, Steps: with(
			begins("G", SecondUserID), Step{Do: Drains}, Step{Do: Kill}, cold("F"), first, Step{Do: Callback, Text: "G", Err: "no-flow"},
			Step{Do: Stays, Kind: active, User: UserID, For: 50 * time.Millisecond},
		)},
		{Slug: slug, Case: "killed again before the answer", Given: Empty, MayEnd: true, Steps: with(
			Step{Do: Kill}, script(Fault{Route: redemption, Commit: true, Break: true}),
			Step{Do: StartsWith, Text: "F", Kind: signedOut, Cause: "none", Err: "offline"}, Step{Do: Drains}, Step{Do: Kill}, healed(),
			starts(signedOut, "none"), first, Step{Do: Restart}, kept,
		)},
		{Slug: slug, Case: "the network comes back later", Given: Empty, MayEnd: true, Steps: with(
			script(Fault{Route: redemption, Status: 503, Body: ErrorBody("x"), Times: 3}), Step{Do: Callback, Text: "F", Err: "offline"}, first,
		)},
		{Slug: slug, Case: "the clock has jumped by years", Given: Empty, MayEnd: true, Steps: with(
			Step{Do: Kill}, Step{Do: Age, For: 10 * 365 * 24 * time.Hour}, cold("F"), first,
		)},
		{Slug: slug, Case: "in another process", Given: Empty, MayEnd: true, Steps: with(
			Step{Do: PeerCallback, Text: "F"}, Step{Do: Reload}, first, returns("F"), atMost(1, redemption),
		)},
		{Slug: slug, Case: "it has expired", Given: Empty, MayEnd: true, Steps: with(
			Step{Do: Callback, Text: "F", Status: "expired", Err: "refused"}, stays(signedOut, 50*time.Millisecond), Step{Do: Restart},
			starts(signedOut, "none"), Step{Do: Callback, Text: "F", Err: "no-flow"},
		)},
		{Slug: slug, Case: "of an unknown flow", Given: Session, Steps: []Step{
			starts(unverified, ""), {Do: Callback, Status: "foreign", Err: "no-flow"}, becomes(active, ""),
			{Do: Callback, Status: "foreign", Err: "no-flow"}, {Do: Stays, Kind: active, User: UserID, For: 50 * time.Millisecond}, holds(HasSession),
		}},
		{Slug: slug, Case: "with a parameter twice", Given: Session, Steps: []Step{
			starts(unverified, ""), becomes(active, ""), begins("F", SecondUserID), {Do: Callback, Text: "F", Status: "garbled", Err: "callback"},
			{Do: Stays, User: UserID, Kind: active, For: 50 * time.Millisecond}, returns("F"), {Do: Becomes, Kind: active, User: SecondUserID},
		}},
		{Slug: slug, Case: "after a sign-out", Given: Session, MayEnd: true, Steps: []Step{
			starts(unverified, ""), becomes(active, ""), begins("F", UserID), {Do: SignOut}, {Do: Callback, Text: "F", Err: "no-flow"},
			stays(signedOut, 100*time.Millisecond), holds(Tombstone), {Do: Restart}, starts(signedOut, "user"),
			{Do: Callback, Text: "F", Err: "no-flow"}, atMost(0, redemption),
		}},
	}
}

// browserRaces: the callback, the ordinary refresh and a second callback at the
// same moment.
func browserRaces() []Scenario {
	var list []Scenario
	second := func(do Deed) Step {
		return Step{Do: do, Kind: active, User: SecondUserID, For: 400 * time.Millisecond}
	}
	for _, answers := range []struct {
		order           string
		refresh, redeem time.Duration
	}{
		{"the refresh first", 20 * time.Millisecond, 200 * time.Millisecond},
		{"at once", 80 * time.Millisecond, 80 * time.Millisecond},
		{"the refresh last", 300 * time.Millisecond, 0},
	} {
		slow := script(Fault{Route: readClient, Delay: answers.refresh}, Fault{Route: redemption, Delay: answers.redeem})
		list = append(list,
			Scenario{Slug: "foreground-refresh-races-oauth", Case: "from the browser, nobody was signed in, " + answers.order, Given: Empty, MayEnd: true, Steps: []Step{
				starts(signedOut, "none"), begins("F", SecondUserID), slow, {Do: Nudge}, returns("F"), {Do: Nudge},
				second(Becomes), second(Stays), {Do: Restart}, {Do: Starts, Kind: unverified, User: SecondUserID},
			}},
			Scenario{Slug: "foreground-refresh-races-oauth", Case: "from the browser, somebody else was, " + answers.order, Given: Session, Steps: []Step{
				starts(unverified, ""), becomes(active, ""), begins("F", SecondUserID), slow, {Do: Nudge}, returns("F"), {Do: Nudge},
				second(Becomes), second(Stays), {Do: Drains}, {Do: ServerSays, Status: "ended"},
				{Do: Restart}, {Do: Starts, Kind: unverified, User: SecondUserID},
			}})
	}
	return append(list, Scenario{
		Slug: "double-init-spends-one-time-code", Case: "the callback, five times at once", Given: Empty, MayEnd: true, Steps: []Step{
			starts(signedOut, "none"), begins("F", UserID), script(Fault{Route: redemption, Delay: 50 * time.Millisecond}),
			{Do: Callback, Text: "F", N: 5}, {Do: Becomes, Kind: active, User: UserID}, atMost(1, redemption),
			{Do: Restart}, {Do: Starts, Kind: unverified, User: UserID},
		},
	})
}
