package goserver_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"testing"

	"github.com/clerk/clerk-sdk-go/v2"
	sdkclient "github.com/clerk/clerk-sdk-go/v2/client"
	"github.com/clerk/clerk-sdk-go/v2/jwks"
	"github.com/clerk/clerk-sdk-go/v2/jwt"
	"github.com/clerk/clerk-sdk-go/v2/session"
	"github.com/clerk/clerk-sdk-go/v2/signintoken"
	"github.com/clerk/clerk-sdk-go/v2/user"
)

const password = "correct horse battery 9"

func config(s server) *clerk.ClientConfig {
	return &clerk.ClientConfig{BackendConfig: clerk.BackendConfig{
		Key: clerk.String(s.SecretKey),
		URL: clerk.String(s.URL + "/v1"),
		// Every call is remembered: TestMain asks for all of them.
		HTTPClient: &http.Client{Transport: &made},
	}}
}

func mustCreate(t *testing.T, users *user.Client, address string) *clerk.User {
	t.Helper()
	created, err := users.Create(t.Context(), &user.CreateParams{
		EmailAddresses: &[]string{address},
		Password:       clerk.String(password),
		FirstName:      clerk.String("Ada"),
		PublicMetadata: clerk.JSONRawMessage(json.RawMessage(`{"plan":"free"}`)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return created
}

func TestUsers(t *testing.T) {
	t.Parallel()
	s := mustStart(t)
	users := user.NewClient(config(s))
	ada, grace := mustCreate(t, users, "ada@example.com"), mustCreate(t, users, "grace@example.com")

	found, err := users.Get(t.Context(), ada.ID)
	if err != nil {
		t.Fatal(err)
	}
	if found.ID != ada.ID || *found.FirstName != "Ada" || found.EmailAddresses[0].EmailAddress != "ada@example.com" {
		t.Errorf("got %+v", found)
	}
	if string(found.PublicMetadata) != `{"plan":"free"}` {
		t.Errorf("public metadata is %s", found.PublicMetadata)
	}

	list, err := users.List(t.Context(), &user.ListParams{OrderBy: clerk.String("+created_at")})
	if err != nil {
		t.Fatal(err)
	}
	ids := []string{}
	for _, each := range list.Users {
		ids = append(ids, each.ID)
	}
	if !slices.Equal(ids, []string{ada.ID, grace.ID}) || list.TotalCount != 2 {
		t.Errorf("list is %v of %d", ids, list.TotalCount)
	}

	updated, err := users.Update(t.Context(), ada.ID, &user.UpdateParams{LastName: clerk.String("Lovelace")})
	if err != nil {
		t.Fatal(err)
	}
	if *updated.LastName != "Lovelace" || *updated.FirstName != "Ada" {
		t.Errorf("got %+v", updated)
	}

	deleted, err := users.Delete(t.Context(), grace.ID)
	if err != nil {
		t.Fatal(err)
	}
	if deleted.ID != grace.ID || !deleted.Deleted {
		t.Errorf("got %+v", deleted)
	}
	_, err = users.Get(t.Context(), grace.ID)
	wantCode(t, err, http.StatusNotFound, "resource_not_found")
	count, err := users.Count(t.Context(), &user.ListParams{})
	if err != nil || count.TotalCount != 1 {
		t.Errorf("count is %+v, %v", count, err)
	}
}

func TestVerifyToken(t *testing.T) {
	t.Parallel()
	s := mustStart(t)
	ada := mustCreate(t, user.NewClient(config(s)), "ada@example.com")
	device := s.mustSignIn(t, "ada@example.com", password)
	token := device.mustToken(t)

	claims, err := jwt.Verify(t.Context(), &jwt.VerifyParams{
		Token:      token,
		JWKSClient: jwks.NewClient(config(s)),
		// Without it the SDK accepts the issuers of its own vendor only.
		ProxyURL: clerk.String(s.TLSURL),
		// The default tolerates no clock skew at all, so neither may the server
		// date a token into the future.
		AuthorizedPartyHandler: func(string) bool { return true },
	})
	if err != nil {
		t.Fatal(err)
	}
	if claims.Subject != ada.ID || claims.SessionID != device.SessionID || claims.Issuer != s.TLSURL {
		t.Errorf("got %+v", claims)
	}
	if len(claims.FactorVerificationAge) != 2 {
		t.Errorf("factor verification age is %v, want two numbers", claims.FactorVerificationAge)
	}

	_, err = jwt.Verify(t.Context(), &jwt.VerifyParams{
		Token: token[:len(token)-8] + "AAAAAAAA", JWKSClient: jwks.NewClient(config(s)), ProxyURL: clerk.String(s.TLSURL),
	})
	if err == nil {
		t.Error("a token with a broken signature was accepted")
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	s := mustStart(t)
	keys, err := jwks.NewClient(config(s)).Get(t.Context(), &jwks.GetParams{})
	if err != nil {
		t.Fatal(err)
	}
	if len(keys.Keys) == 0 || keys.Keys[0].Algorithm != "RS256" || keys.Keys[0].Use != "sig" {
		t.Fatalf("got %+v", keys.Keys)
	}
	foreign := config(s)
	foreign.Key = clerk.String("sk_test_wrong")
	if _, err := jwks.NewClient(foreign).Get(t.Context(), &jwks.GetParams{}); err == nil {
		t.Error("a wrong secret key was accepted")
	}
}

func TestSessions(t *testing.T) {
	t.Parallel()
	s := mustStart(t)
	ada := mustCreate(t, user.NewClient(config(s)), "ada@example.com")
	device := s.mustSignIn(t, "ada@example.com", password)
	sessions := session.NewClient(config(s))

	found, err := sessions.Get(t.Context(), device.SessionID)
	if err != nil {
		t.Fatal(err)
	}
	if found.UserID != ada.ID || found.Status != "active" || found.ClientID == "" {
		t.Errorf("got %+v", found)
	}
	list, err := sessions.List(t.Context(), &session.ListParams{UserID: clerk.String(ada.ID), Status: clerk.String("active")})
	if err != nil {
		t.Fatal(err)
	}
	if len(list.Sessions) != 1 || list.Sessions[0].ID != device.SessionID || list.TotalCount != 1 {
		t.Errorf("got %+v", list)
	}
	verified, err := sdkclient.NewClient(config(s)).Verify(t.Context(), &sdkclient.VerifyParams{Token: clerk.String(device.credential)})
	if err != nil {
		t.Fatal(err)
	}
	if verified.ID != found.ClientID || !slices.Equal(verified.SessionIDs, []string{device.SessionID}) {
		t.Errorf("got %+v", verified)
	}
	// The SDK sends the body null here.
	revoked, err := sessions.Revoke(t.Context(), &session.RevokeParams{ID: device.SessionID})
	if err != nil {
		t.Fatal(err)
	}
	if revoked.Status != "revoked" {
		t.Errorf("status is %q after revoking", revoked.Status)
	}
}

func TestSignInTokens(t *testing.T) {
	t.Parallel()
	s := mustStart(t)
	ada := mustCreate(t, user.NewClient(config(s)), "ada@example.com")
	tokens := signintoken.NewClient(config(s))
	created, err := tokens.Create(t.Context(), &signintoken.CreateParams{UserID: clerk.String(ada.ID), ExpiresInSeconds: clerk.Int64(300)})
	if err != nil {
		t.Fatal(err)
	}
	if created.Status != "pending" || created.Token == "" || created.UserID != ada.ID {
		t.Errorf("got %+v", created)
	}
	revoked, err := tokens.Revoke(t.Context(), created.ID)
	if err != nil {
		t.Fatal(err)
	}
	if revoked.Status != "revoked" {
		t.Errorf("status is %q after revoking", revoked.Status)
	}
	_, err = tokens.Create(t.Context(), &signintoken.CreateParams{UserID: clerk.String("user_nobody")})
	wantCode(t, err, http.StatusNotFound, "resource_not_found")
}

func wantCode(t *testing.T, err error, status int, code string) {
	t.Helper()
	var answer *clerk.APIErrorResponse
	if !errors.As(err, &answer) {
		t.Fatalf("error is %v, want an API error", err)
	}
	if answer.HTTPStatusCode != status || len(answer.Errors) == 0 || answer.Errors[0].Code != code {
		t.Errorf("error is %+v, want %d %s", answer, status, code)
	}
}
