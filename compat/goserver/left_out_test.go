package goserver_test

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/clerk/clerk-sdk-go/v2"
	"github.com/clerk/clerk-sdk-go/v2/billing"
	"github.com/clerk/clerk-sdk-go/v2/domain"
	"github.com/clerk/clerk-sdk-go/v2/m2m_token"
	"github.com/clerk/clerk-sdk-go/v2/machine"
	"github.com/clerk/clerk-sdk-go/v2/machinescope"
	"github.com/clerk/clerk-sdk-go/v2/oauthapplication"
	"github.com/clerk/clerk-sdk-go/v2/samlconnection"
	"github.com/clerk/clerk-sdk-go/v2/svixwebhook"
	"github.com/clerk/clerk-sdk-go/v2/template"
	"github.com/clerk/clerk-sdk-go/v2/user"
)

// silent are calls that send nothing, with the reason.
var silent = map[string]string{
	"user.CreateTOTP": "the SDK kept it without a request",
}

// elsewhere are calls that this server has and that cannot succeed from here:
// the JavaScript tests have passkeys and accounts elsewhere to take away.
var elsewhere = map[string]string{
	"user.DeletePasskey":         "compat/js/calls/user-factors.mjs",
	"user.DeleteExternalAccount": "compat/js/calls/user-factors.mjs",
	"session.Verify":             "the SDK does not send the token; compat/js/calls/sessions.mjs",
	"template.Delete":            "no document publishes it: no template of one's own can be made",
}

type attempt func(t *testing.T, c *clerk.ClientConfig) error

// leftOut are the calls whose operations answer 501. docs/coverage.md says why.
var leftOut = map[string]attempt{
	"billing.ListPlans": func(t *testing.T, c *clerk.ClientConfig) error {
		_, err := billing.NewClient(c).ListPlans(t.Context(), &billing.ListPlansParams{})
		return err
	},
	"billing.ListSubscriptionItems": func(t *testing.T, c *clerk.ClientConfig) error {
		_, err := billing.NewClient(c).ListSubscriptionItems(t.Context(), &billing.ListSubscriptionItemsParams{})
		return err
	},
	"billing.CancelSubscriptionItem": func(t *testing.T, c *clerk.ClientConfig) error {
		_, err := billing.NewClient(c).CancelSubscriptionItem(t.Context(), "si_1", &billing.CancelSubscriptionItemParams{})
		return err
	},
	"billing.ExtendFreeTrial": func(t *testing.T, c *clerk.ClientConfig) error {
		_, err := billing.NewClient(c).ExtendFreeTrial(t.Context(), "si_1", &billing.ExtendFreeTrialParams{})
		return err
	},
	"domain.Create": func(t *testing.T, c *clerk.ClientConfig) error {
		_, err := domain.NewClient(c).Create(t.Context(), &domain.CreateParams{Name: clerk.String("satellite.example"), IsSatellite: clerk.Bool(true)})
		return err
	},
	"domain.Update": func(t *testing.T, c *clerk.ClientConfig) error {
		_, err := domain.NewClient(c).Update(t.Context(), "dmn_1", &domain.UpdateParams{Name: clerk.String("other.example")})
		return err
	},
	"domain.Delete": func(t *testing.T, c *clerk.ClientConfig) error {
		_, err := domain.NewClient(c).Delete(t.Context(), "dmn_1")
		return err
	},
	"m2m_token.Create": func(t *testing.T, c *clerk.ClientConfig) error {
		_, err := m2m_token.NewClient(c).Create(t.Context(), &m2m_token.CreateParams{})
		return err
	},
	"m2m_token.List": func(t *testing.T, c *clerk.ClientConfig) error {
		_, err := m2m_token.NewClient(c).List(t.Context(), &m2m_token.ListParams{})
		return err
	},
	"m2m_token.Revoke": func(t *testing.T, c *clerk.ClientConfig) error {
		_, err := m2m_token.NewClient(c).Revoke(t.Context(), "mt_1", &m2m_token.RevokeParams{})
		return err
	},
	"m2m_token.Verify": func(t *testing.T, c *clerk.ClientConfig) error {
		_, err := m2m_token.NewClient(c).Verify(t.Context(), &m2m_token.VerifyParams{})
		return err
	},
	"machine.Create": func(t *testing.T, c *clerk.ClientConfig) error {
		_, err := machine.NewClient(c).Create(t.Context(), &machine.CreateParams{})
		return err
	},
	"machine.Get": func(t *testing.T, c *clerk.ClientConfig) error {
		_, err := machine.NewClient(c).Get(t.Context(), "mch_1")
		return err
	},
	"machine.GetSecretKey": func(t *testing.T, c *clerk.ClientConfig) error {
		_, err := machine.NewClient(c).GetSecretKey(t.Context(), "mch_1")
		return err
	},
	"machine.Update": func(t *testing.T, c *clerk.ClientConfig) error {
		_, err := machine.NewClient(c).Update(t.Context(), "mch_1", &machine.UpdateParams{})
		return err
	},
	"machine.Delete": func(t *testing.T, c *clerk.ClientConfig) error {
		_, err := machine.NewClient(c).Delete(t.Context(), "mch_1")
		return err
	},
	"machine.List": func(t *testing.T, c *clerk.ClientConfig) error {
		_, err := machine.NewClient(c).List(t.Context(), &machine.ListParams{})
		return err
	},
	"machinescope.CreateScope": func(t *testing.T, c *clerk.ClientConfig) error {
		_, err := machinescope.NewClient(c).CreateScope(t.Context(), "mch_1", &machinescope.CreateScopeParams{})
		return err
	},
	"machinescope.DeleteScope": func(t *testing.T, c *clerk.ClientConfig) error {
		_, err := machinescope.NewClient(c).DeleteScope(t.Context(), "mch_1", "mch_2")
		return err
	},
	"oauthapplication.Get": func(t *testing.T, c *clerk.ClientConfig) error {
		_, err := oauthapplication.NewClient(c).Get(t.Context(), "oa_1")
		return err
	},
	"oauthapplication.List": func(t *testing.T, c *clerk.ClientConfig) error {
		_, err := oauthapplication.NewClient(c).List(t.Context(), &oauthapplication.ListParams{})
		return err
	},
	"oauthapplication.Create": func(t *testing.T, c *clerk.ClientConfig) error {
		_, err := oauthapplication.NewClient(c).Create(t.Context(), &oauthapplication.CreateParams{})
		return err
	},
	"oauthapplication.Update": func(t *testing.T, c *clerk.ClientConfig) error {
		_, err := oauthapplication.NewClient(c).Update(t.Context(), "oa_1", &oauthapplication.UpdateParams{})
		return err
	},
	"oauthapplication.DeleteOAuthApplication": func(t *testing.T, c *clerk.ClientConfig) error {
		_, err := oauthapplication.NewClient(c).DeleteOAuthApplication(t.Context(), "oa_1")
		return err
	},
	"oauthapplication.RotateClientSecret": func(t *testing.T, c *clerk.ClientConfig) error {
		_, err := oauthapplication.NewClient(c).RotateClientSecret(t.Context(), "oa_1")
		return err
	},
	"samlconnection.Create": func(t *testing.T, c *clerk.ClientConfig) error {
		_, err := samlconnection.NewClient(c).Create(t.Context(), &samlconnection.CreateParams{})
		return err
	},
	"samlconnection.Get": func(t *testing.T, c *clerk.ClientConfig) error {
		_, err := samlconnection.NewClient(c).Get(t.Context(), "samlc_1")
		return err
	},
	"samlconnection.Update": func(t *testing.T, c *clerk.ClientConfig) error {
		_, err := samlconnection.NewClient(c).Update(t.Context(), "samlc_1", &samlconnection.UpdateParams{})
		return err
	},
	"samlconnection.Delete": func(t *testing.T, c *clerk.ClientConfig) error {
		_, err := samlconnection.NewClient(c).Delete(t.Context(), "samlc_1")
		return err
	},
	"samlconnection.List": func(t *testing.T, c *clerk.ClientConfig) error {
		_, err := samlconnection.NewClient(c).List(t.Context(), &samlconnection.ListParams{})
		return err
	},
	"svixwebhook.Create": func(t *testing.T, c *clerk.ClientConfig) error {
		_, err := svixwebhook.NewClient(c).Create(t.Context())
		return err
	},
	"svixwebhook.Delete": func(t *testing.T, c *clerk.ClientConfig) error {
		_, err := svixwebhook.NewClient(c).Delete(t.Context())
		return err
	},
	"svixwebhook.RefreshURL": func(t *testing.T, c *clerk.ClientConfig) error {
		_, err := svixwebhook.NewClient(c).RefreshURL(t.Context())
		return err
	},
	"user.DeleteWeb3Wallet": func(t *testing.T, c *clerk.ClientConfig) error {
		_, err := user.NewClient(c).DeleteWeb3Wallet(t.Context(), "user_1", "idn_1")
		return err
	},
}

// TestLeftOut: what the server leaves out it says so about, in the published
// form and with a reason in the documentation.
func TestLeftOut(t *testing.T) {
	t.Parallel()
	s := mustStart(t)
	for call, try := range leftOut {
		t.Run(call, func(t *testing.T) {
			wantCode(t, try(t, config(s)), http.StatusNotImplemented, "not_implemented")
			operation := made.operation(call)
			if state := coverage(t, operation); !strings.HasPrefix(state, "not implemented: ") {
				t.Errorf("docs/coverage.md says %q of %s", state, operation)
			}
		})
	}
}

// TestNothingToTakeAway: the excused calls are refused as every call about
// something that is not there.
func TestNothingToTakeAway(t *testing.T) {
	t.Parallel()
	s := mustStart(t)
	users := user.NewClient(config(s))
	ada := mustCreate(t, users, "ada@example.com")
	_, err := users.DeletePasskey(t.Context(), ada.ID, "idn_none")
	wantCode(t, err, http.StatusNotFound, "resource_not_found")
	_, err = users.DeleteExternalAccount(t.Context(), &user.DeleteExternalAccountParams{UserID: ada.ID, ID: "eac_none"})
	wantCode(t, err, http.StatusNotFound, "resource_not_found")
	_, err = template.NewClient(config(s)).Delete(t.Context(), &template.DeleteParams{TemplateType: "email", Slug: "invitation"})
	wantCode(t, err, http.StatusMethodNotAllowed, "method_not_allowed")
}

var coverageRow = regexp.MustCompile("(?m)^\\| `([A-Z]+) ([^`]+)` \\| (.*) \\|$")

// coverage is what docs/coverage.md says of the operation of a request.
func coverage(t *testing.T, request string) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/coverage.md")
	if err != nil {
		t.Fatal(err)
	}
	method, path, _ := strings.Cut(request, " ")
	for _, row := range coverageRow.FindAllStringSubmatch(string(text), -1) {
		template := regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(row[2], "[^/]+")
		if row[1] == method && regexp.MustCompile("^"+template+"$").MatchString(path) {
			return row[3]
		}
	}
	return ""
}
