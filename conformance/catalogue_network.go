package conformance

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// networkScenarios: group "Network and server", as far as it concerns a device.
func networkScenarios() []Scenario {
	var list []Scenario
	list = append(list, ambiguousAnswers()...)
	list = append(list, clocks()...)
	list = append(list, terminalCodes()...)
	list = append(list, droppedCredentials()...)
	for _, latency := range []time.Duration{100 * time.Millisecond, 900 * time.Millisecond, 2900 * time.Millisecond} {
		list = append(list, Scenario{Slug: "slow-response-past-window", Case: latency.String(), Given: Session, Steps: []Step{
			script(Fault{Delay: latency}), starts(unverified, "restored"), stays(unverified, latency/4),
			becomes(active, ""), holds(Unchanged),
		}})
	}
	return append(list,
		Scenario{Slug: "slow-response-past-window", Case: "never", Given: Session, Steps: []Step{
			script(hangs), starts(unverified, "restored"), stays(unverified, time.Second), holds(Unchanged),
		}},
		Scenario{Slug: "feature-401-as-signed-out", Case: "the auth server accepts the session", Given: Session, Steps: []Step{
			starts(unverified, ""), becomes(active, ""),
			script(Fault{Route: mint, Status: 401, Body: ErrorBody("authentication_invalid")}),
			{Do: FreshToken, Err: "refused"}, stays(active, 100*time.Millisecond), healed(), {Do: Nudge}, {Do: FreshToken},
		}},
		Scenario{Slug: "feature-401-as-signed-out", Case: "the auth server rejects it", Given: Session, MayEnd: true, Steps: []Step{
			starts(unverified, ""), becomes(active, ""), {Do: EndSession, Status: "ended"},
			{Do: FreshToken, Err: "signed-out"}, becomes(signedOut, "revoked"), holds(Tombstone),
		}},
		Scenario{Slug: "failover-loses-session-state", Case: "a node without the session says 503", Given: Session, Steps: []Step{
			script(Fault{Status: 503, Body: ErrorBody("service_unavailable"), Header: map[string]string{"Retry-After": "0"}}),
			starts(unverified, ""), stays(unverified, 150*time.Millisecond), holds(Unchanged), healed(), becomes(active, ""),
		}},
		Scenario{Slug: "failover-loses-session-state", Case: "a node that knows another client", Given: Session, Steps: []Step{
			// The client read lands on a copy that answers with a fresh client
			// and its credential; the session itself still works.
			script(Fault{
				Route: readClient, Times: 2, Status: 200, Header: map[string]string{"Authorization": "fresh-credential"},
				Body: `{"response":{"object":"client","id":"client_fresh","sessions":[],"updated_at":1},"client":null}`,
			}),
			starts(unverified, ""), becomes(active, ""), token(""), holds(Unchanged),
		}},
		Scenario{Slug: "signing-key-rotation", Case: "the device's record is unchanged", Given: Session, Steps: []Step{
			starts(unverified, ""), becomes(active, ""), {Do: FreshToken}, holds(Unchanged),
		}},
	)
}

// ambiguousAnswers: everything that proves nothing, on every route that is used
// at a start. The record stays, the verdict stays, and one healthy answer makes
// it active.
func ambiguousAnswers() []Scenario {
	var list []Scenario
	add := func(slug, name string, fault Fault) {
		list = append(list, Scenario{Slug: slug, Case: name, Given: Session, Steps: []Step{
			script(fault), starts(unverified, "restored"), token("offline"), stays(unverified, 120*time.Millisecond),
			holds(Unchanged), healed(), becomes(active, ""), token(""), holds(Unchanged),
		}})
	}
	add("unreachable-taken-as-signed-out", "reset", down)
	add("unreachable-taken-as-signed-out", "proxy 407", Fault{Status: 407, ContentType: "text/html", Body: "<html>"})
	add("unreachable-taken-as-signed-out", "timeout", Fault{Delay: 4 * time.Second})

	html := "<!doctype html><title>Welcome to hotel wifi</title>"
	portal := map[string]string{"Authorization": "credential-of-the-portal"}
	add("html-200-parsed-as-verdict", "200 HTML", Fault{Status: 200, ContentType: "text/html", Body: html, Header: portal})
	add("html-200-parsed-as-verdict", "200 HTML called JSON", Fault{Status: 200, Body: html, Header: portal})
	add("html-200-parsed-as-verdict", "200 empty", Fault{Status: 200, Header: portal})
	add("html-200-parsed-as-verdict", "200 null response", Fault{Status: 200, Body: `{"response":null,"client":null}`, Header: portal})
	add("html-200-parsed-as-verdict", "200 other JSON", Fault{Status: 200, Body: `{"ok":true}`, Header: portal})
	add("html-200-parsed-as-verdict", "204", Fault{Status: 204, Header: portal})
	add("html-200-parsed-as-verdict", "302", Fault{Status: 302, Header: map[string]string{"Location": "http://192.0.2.1/login"}})
	for _, status := range []int{400, 401, 403, 404} {
		add("html-200-parsed-as-verdict", named("%d HTML", status), Fault{Status: status, ContentType: "text/html", Body: html, Header: portal})
		add("html-200-parsed-as-verdict", named("%d empty", status), Fault{Status: status, Header: portal})
	}
	for _, status := range []int{500, 502, 503, 504, 520, 530} {
		add("5xx-as-signed-out", named("%d, token expired", status), Fault{Status: status, Body: ErrorBody("internal_error"), Header: portal})
	}
	add("429-as-signed-out", "without Retry-After", Fault{Status: 429, Body: ErrorBody("too_many_requests")})
	return append(list,
		Scenario{Slug: "5xx-as-signed-out", Case: "token still good", Given: Session, Steps: []Step{
			starts(unverified, ""), becomes(active, ""), token(""), script(Fault{Status: 503, Body: ErrorBody("x")}),
			token(""), {Do: FreshToken, Err: "offline"}, token(""), stays(active, 100*time.Millisecond), holds(Unchanged),
		}},
		Scenario{Slug: "429-as-signed-out", Case: "Retry-After 30", Given: Session, Steps: []Step{
			script(Fault{Status: 429, Body: ErrorBody("too_many_requests"), Header: map[string]string{"Retry-After": "30"}}),
			starts(unverified, ""), token("offline"), {Do: Nudge}, token("offline"), stays(unverified, 400*time.Millisecond),
			atMost(1, ""), holds(Unchanged), {Do: SignIn, User: SecondEmail, Err: "offline"},
		}},
	)
}

// clocks: the wall clock decides nothing.
func clocks() []Scenario {
	var list []Scenario
	add := func(slug, name string, ahead time.Duration) {
		list = append(list, Scenario{Slug: slug, Case: name, Given: Session, Steps: []Step{
			{Do: Age, For: ahead}, starts(unverified, "restored"), becomes(active, ""),
			{Do: Calls, N: 20}, {Do: Calls, N: 80}, stays(active, 50*time.Millisecond), atMost(1, mint),
		}})
	}
	const day, year = 24 * time.Hour, 365 * 24 * time.Hour
	add("clock-fast", "one hour", time.Hour)
	add("clock-fast", "one day", day)
	add("clock-fast", "ten years", 10*year)
	add("clock-fast", "2100", 74*year)
	add("clock-slow", "one hour", -time.Hour)
	add("clock-slow", "one day", -day)
	add("clock-slow", "1970", -56*year)
	return list
}

// terminalCodes: each documented terminal code ends the session within one
// exchange, when the client behind the credential is another one; an
// undocumented code, or a code alone, ends nothing.
func terminalCodes() []Scenario {
	var list []Scenario
	fresh := Fault{
		Route: readClient, Status: 200, Header: map[string]string{"Authorization": "fresh-credential"},
		Body: `{"response":{"object":"client","id":"client_fresh","sessions":[],"updated_at":9999999999999},"client":null}`,
	}
	for _, code := range []string{
		"session_revoked", "session_expired", "session_ended", "session_removed", "session_replaced", "session_not_found",
		"session_invalid", "authentication_invalid", "signed_out", "user_banned", "user_deactivated", "user_deleted",
	} {
		status := 401
		if code == "user_banned" || code == "user_deactivated" {
			status = 403
		}
		// Some are also said of a request that brought no credential. The server
		// itself has to answer for the client then, who can be asked again.
		refusal := Fault{Route: mint, Status: status, Body: ErrorBody(code)}
		first := []Step{script(fresh, refusal)}
		if slices.Contains([]string{"session_not_found", "session_invalid", "authentication_invalid", "signed_out"}, code) {
			first = []Step{{Do: Forget}, script(refusal)}
		}
		list = append(list, Scenario{Slug: "terminal-rejection-missed", Case: code, Given: Session, MayEnd: true, Steps: append(first,
			starts(unverified, ""), becomes(signedOut, "rejected"), holds(Tombstone), atMost(1, mint),
			stays(signedOut, 300*time.Millisecond), atMost(0, ""), Step{Do: Restart}, starts(signedOut, "rejected"),
			explains("code "+code), explains(fmt.Sprintf("status %d", status)),
		)})
	}
	return append(list,
		Scenario{Slug: "terminal-rejection-missed", Case: "undocumented code", Given: Session, Steps: []Step{
			script(fresh, Fault{Route: mint, Status: 401, Body: ErrorBody("something_new")}),
			starts(unverified, ""), stays(unverified, 300*time.Millisecond), holds(Unchanged), healed(), becomes(active, ""),
		}},
		// A replica that lags, or a request that reached the wrong place.
		Scenario{Slug: "failover-loses-session-state", Case: "another client, and no such session", Given: Session, Steps: []Step{
			script(fresh, Fault{Route: mint, Status: 404, Body: ErrorBody("resource_not_found")}),
			starts(unverified, ""), stays(unverified, 300*time.Millisecond), holds(Unchanged), healed(), becomes(active, ""),
		}},
		Scenario{Slug: "terminal-rejection-missed", Case: "a terminal code alone", Given: Session, Steps: []Step{
			script(Fault{Route: mint, Status: 401, Body: ErrorBody("session_revoked")}),
			starts(unverified, ""), becomes(active, ""), {Do: FreshToken, Err: "refused"}, stays(active, 100*time.Millisecond),
			holds(Unchanged),
		}},
		Scenario{Slug: "terminal-rejection-missed", Case: "codes of a request without a credential", Given: Session, Steps: []Step{
			script(fresh, Fault{Route: mint, Status: 401, Body: ErrorBody("authentication_invalid")}),
			starts(unverified, ""), stays(unverified, 300*time.Millisecond), holds(Unchanged), healed(), becomes(active, ""),
		}},
		Scenario{Slug: "terminal-rejection-missed", Case: "the client is gone as a whole", Given: Session, MayEnd: true, Steps: []Step{
			{Do: Forget}, starts(unverified, ""), becomes(signedOut, "rejected"), holds(Tombstone),
		}},
	)
}

// droppedCredentials: something on the way takes the credential out of the
// requests, with the proof or without. What the server says of nobody is no word
// about the session.
func droppedCredentials() []Scenario {
	var list []Scenario
	bound := []Step{
		{Do: Binds}, starts(unverified, ""), becomes(active, ""), {Do: Comes, Stored: HasBranch}, {Do: FreshToken},
		{Do: Comes, Stored: Bound}, {Do: Restart},
	}
	for name, drop := range map[string][]string{
		"the credential": {"Authorization"}, "credential and proof": {"Authorization", "DPoP"},
	} {
		dropped := script(Fault{Drop: drop})
		for server, first := range map[string][]Step{
			"": nil, " on a server that says what it got": {{Do: Binds}}, ", a bound one": bound,
		} {
			steps := append(slices.Clone(first), dropped, starts(unverified, ""), stays(unverified, 400*time.Millisecond),
				Step{Do: FreshToken, Err: Any}, stays(unverified, 50*time.Millisecond), healed(), becomes(active, ""),
				Step{Do: FreshToken}, dropped, Step{Do: FreshToken, Err: Any}, stays(active, 100*time.Millisecond),
				Step{Do: Restart}, starts(unverified, ""), stays(unverified, 100*time.Millisecond),
				Step{Do: ServerSays, Status: "alive"}, healed(), becomes(active, ""))
			list = append(list, Scenario{
				Slug: "html-200-parsed-as-verdict", Case: "a middlebox drops " + name + server, Given: Session, Steps: steps,
			})
		}
		list = append(list, Scenario{
			Slug: "sign-out-half-done", Case: "a middlebox drops " + name, Given: Session, MayEnd: true, Steps: []Step{
				{Do: Binds}, starts(unverified, ""), becomes(active, ""), dropped, {Do: SignOut}, stays(signedOut, 400*time.Millisecond),
				{Do: ServerSays, Status: "alive"}, healed(), {Do: Drains}, {Do: ServerSays, Status: "ended"}, holds(Tombstone),
			},
		})
	}
	slices.SortFunc(list, func(a, b Scenario) int { return strings.Compare(a.Name(), b.Name()) })
	return list
}
