package hosted

import (
	"slices"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/oauth"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/internal/user"
)

// accountsPage lists the accounts at providers that somebody signs in with.
type accountsPage struct {
	userFrame
	Accounts  []connected
	Providers []provider // that an account can be connected at
	Failed    string     // why the last one was not; worded, or empty
	FailedAt  string     // name of its provider
}

// connected is one account at a provider.
type connected struct {
	ID       auth.ExternalAccountID
	Provider string
	Text     string // who somebody is there
	Free     bool   // may be disconnected
}

// awayPage sends the browser to a provider by itself: browsers hold the answer
// to a form to the policy of the page that has the form, and that names nobody
// else.
type awayPage struct {
	userFrame
	Provider string
	To       string
}

var userAccounts = userPage{
	name: "user_accounts", wide: true,
	show: func(a *account) (userFramed, error) {
		page := &accountsPage{}
		taken := map[auth.Strategy]bool{}
		for _, e := range a.me.ExternalAccounts {
			if !e.Verified() {
				if e.Verification.ErrorCode != "" {
					page.Failed, page.FailedAt = a.refusal(e.Verification.ErrorCode), a.providerName(e.Provider)
				}
				continue
			}
			taken[e.Provider] = true
			page.Accounts = append(page.Accounts, connected{e.ID, a.providerName(e.Provider), personAt(e), user.RemovableExternal(a.me, e.ID)})
		}
		free := slices.DeleteFunc(a.p.Settings().SocialStrategies(), func(s auth.Strategy) bool { return taken[s] })
		page.Providers = a.p.providers(free)
		return page, nil
	},
	acts: map[string]userAct{
		"connect":    {sensitive: true, do: connectAccount},
		"disconnect": {sensitive: true, do: disconnectAccount},
	},
}

// connectedNames are the providers at which somebody has an account.
func (a *account) connectedNames() (out []string) {
	for _, e := range a.me.ExternalAccounts {
		if name := a.providerName(e.Provider); e.Verified() && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// providerName is what people call a provider, also one that is not in use any
// more.
func (a *account) providerName(of auth.Strategy) string {
	if found, ok := a.p.Settings().SocialProvider(of); ok {
		return found.Name
	}
	return string(of)
}

// personAt is how somebody recognises an account of theirs.
func personAt(e auth.ExternalAccount) string {
	switch {
	case e.EmailAddress != "":
		return e.EmailAddress
	case e.Username != "":
		return e.Username
	default:
		return nameOf(auth.User{FirstName: e.FirstName, LastName: e.LastName})
	}
}

// connectAccount begins the way to a provider, which ends on this page.
func connectAccount(a *account) (outcome, error) {
	strategy := auth.Strategy(a.r.PostForm.Get("strategy"))
	if _, ok := a.p.Settings().SocialProvider(strategy); !ok {
		return outcome{}, auth.RefuseParam(auth.CodeStrategyUnsupported, "strategy")
	}
	ctx, base := a.r.Context(), respond.OwnBase(a.r, a.p.PublicURL, a.p.Settings().Production)
	start, err := a.p.Trips.Begin(ctx, oauth.Request{
		Client: a.caller.Client.Client.ID, Provider: strategy, Callback: base + oauth.CallbackPath, RedirectURL: base + userPath + "/accounts",
	})
	if err != nil {
		return outcome{}, err
	}
	if _, err := a.p.Self.BeginExternal(ctx, a.me.ID, start); err != nil {
		return outcome{}, err
	}
	a.w.Header().Set("Refresh", "0;url="+start.URL)
	return outcome{name: "user_away", once: &awayPage{Provider: a.providerName(strategy), To: start.URL}}, nil
}

// disconnectAccount removes an account at a provider and gives back what this
// instance may do with it. One that is gone already, by a form sent twice, is.
func disconnectAccount(a *account) (outcome, error) {
	id := auth.ExternalAccountID(a.r.PostForm.Get("id"))
	if _, ok := a.me.ExternalAccount(id); !ok {
		return outcome{said: "disconnected"}, nil
	}
	gone, err := a.p.Self.DeleteExternal(a.r.Context(), a.me.ID, id)
	if err != nil {
		return outcome{}, err
	}
	a.p.Trips.Revoke(a.r.Context(), gone)
	return outcome{said: "disconnected"}, nil
}
