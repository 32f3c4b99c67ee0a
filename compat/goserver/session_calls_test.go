package goserver_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"

	"github.com/clerk/clerk-sdk-go/v2"
	"github.com/clerk/clerk-sdk-go/v2/actortoken"
	sdkclient "github.com/clerk/clerk-sdk-go/v2/client"
	"github.com/clerk/clerk-sdk-go/v2/jwt"
	"github.com/clerk/clerk-sdk-go/v2/jwttemplate"
	"github.com/clerk/clerk-sdk-go/v2/session"
	"github.com/clerk/clerk-sdk-go/v2/testingtoken"
	"github.com/clerk/clerk-sdk-go/v2/user"
)

func TestSessionTokens(t *testing.T) {
	t.Parallel()
	s := mustStart(t)
	ada := mustCreate(t, user.NewClient(config(s)), "ada@example.com")
	sessions := session.NewClient(config(s))
	made, err := sessions.Create(t.Context(), &session.CreateParams{UserID: ada.ID})
	if err != nil || made.UserID != ada.ID || made.Status != "active" {
		t.Fatalf("got %+v, %v", made, err)
	}
	token, err := sessions.CreateToken(t.Context(), &session.CreateTokenParams{ID: made.ID})
	if err != nil {
		t.Fatal(err)
	}
	claims, err := jwt.Decode(t.Context(), &jwt.DecodeParams{Token: token.JWT})
	want(t, claims.Subject == ada.ID, claims, err)
	_, err = sessions.Verify(t.Context(), &session.VerifyParams{ID: made.ID, Token: clerk.String(token.JWT)}) //nolint:staticcheck // deprecated, and still offered
	wantCode(t, err, http.StatusUnprocessableEntity, "form_param_missing")                                    // see elsewhere
}

func TestClients(t *testing.T) {
	t.Parallel()
	s := mustStart(t)
	mustCreate(t, user.NewClient(config(s)), "ada@example.com")
	device := s.mustSignIn(t, "ada@example.com", password)
	clients := sdkclient.NewClient(config(s))
	list, err := clients.List(t.Context(), &sdkclient.ListParams{}) //nolint:staticcheck // deprecated, and still offered
	if err != nil || list.TotalCount != 1 || len(list.Clients) != 1 {
		t.Fatalf("got %+v, %v", list, err)
	}
	found, err := clients.Get(t.Context(), list.Clients[0].ID)
	want(t, len(found.SessionIDs) == 1 && found.SessionIDs[0] == device.SessionID, found, err)
}

func TestJWTTemplates(t *testing.T) {
	t.Parallel()
	s := mustStart(t)
	templates := jwttemplate.NewClient(config(s))
	made, err := templates.Create(t.Context(), &jwttemplate.CreateParams{
		Name: clerk.String("hasura"), Claims: json.RawMessage(`{"who":"{{user.id}}"}`), Lifetime: clerk.Int64(90),
	})
	if err != nil {
		t.Fatal(err)
	}
	found, err := templates.Get(t.Context(), made.ID)
	want(t, found.Name == "hasura" && found.Lifetime == 90, found, err)
	list, err := templates.List(t.Context(), &jwttemplate.ListParams{})
	want(t, list.TotalCount == 1, list, err)
	updated, err := templates.Update(t.Context(), made.ID, &jwttemplate.UpdateParams{
		Name: clerk.String("hasura"), Claims: json.RawMessage(`{"who":"{{user.id}}"}`), Lifetime: clerk.Int64(120),
	})
	want(t, updated.Lifetime == 120, updated, err)

	ada := mustCreate(t, user.NewClient(config(s)), "ada@example.com")
	sessions := session.NewClient(config(s))
	live, err := sessions.Create(t.Context(), &session.CreateParams{UserID: ada.ID})
	want(t, live.ID != "", live, err)
	token, err := sessions.CreateToken(t.Context(), &session.CreateTokenParams{ID: live.ID, TemplateName: "hasura"})
	if err != nil {
		t.Fatal(err)
	}
	claims, err := jwt.Decode(t.Context(), &jwt.DecodeParams{Token: token.JWT})
	want(t, claims.Extra["who"] == ada.ID, claims, err)

	gone, err := templates.Delete(t.Context(), made.ID)
	want(t, gone.Deleted, gone, err)
	_, err = templates.Get(t.Context(), made.ID)
	wantCode(t, err, http.StatusNotFound, "resource_not_found")
}

func TestActorTokens(t *testing.T) {
	t.Parallel()
	s := mustStart(t)
	users, tokens := user.NewClient(config(s)), actortoken.NewClient(config(s))
	ada, admin := mustCreate(t, users, "ada@example.com"), mustCreate(t, users, "admin@example.com")
	params := &actortoken.CreateParams{
		UserID: clerk.String(ada.ID), Actor: json.RawMessage(`{"sub":"` + admin.ID + `"}`), ExpiresInSeconds: clerk.Int64(60),
	}
	made, err := tokens.Create(t.Context(), params)
	want(t, made.Status == "pending" && made.UserID == ada.ID && made.Token != "", made, err)
	revoked, err := tokens.Revoke(t.Context(), made.ID)
	want(t, revoked.Status == "revoked", revoked, err)
}

// TestTestingTokens: one stands in for the check for robots, again and again.
func TestTestingTokens(t *testing.T) {
	t.Parallel()
	s := mustStart(t)
	made, err := testingtoken.NewClient(config(s)).Create(t.Context())
	if err != nil || made.Token == "" {
		t.Fatalf("got %+v, %v", made, err)
	}
	for range 2 {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
			s.URL+"/v1/client?_is_native=1&__clerk_testing_token="+url.QueryEscape(made.Token), nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			t.Errorf("got %s", answer.Status)
		}
	}
}
