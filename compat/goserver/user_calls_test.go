package goserver_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/clerk/clerk-sdk-go/v2"
	"github.com/clerk/clerk-sdk-go/v2/emailaddress"
	"github.com/clerk/clerk-sdk-go/v2/organization"
	"github.com/clerk/clerk-sdk-go/v2/organizationinvitation"
	"github.com/clerk/clerk-sdk-go/v2/phonenumber"
	"github.com/clerk/clerk-sdk-go/v2/user"
)

func TestUserStates(t *testing.T) {
	t.Parallel()
	s := mustStart(t)
	users := user.NewClient(config(s))
	ada := mustCreate(t, users, "ada@example.com")

	u, err := users.Ban(t.Context(), ada.ID)
	want(t, u.Banned, u, err)
	u, err = users.Unban(t.Context(), ada.ID)
	want(t, !u.Banned, u, err)
	u, err = users.Lock(t.Context(), ada.ID)
	want(t, u.Locked, u, err)
	u, err = users.Unlock(t.Context(), ada.ID)
	want(t, !u.Locked, u, err)

	verified, err := users.VerifyPassword(t.Context(), &user.VerifyPasswordParams{UserID: ada.ID, Password: password})
	want(t, verified.Verified, verified, err)
	_, err = users.VerifyPassword(t.Context(), &user.VerifyPasswordParams{UserID: ada.ID, Password: password + "!"})
	wantCode(t, err, http.StatusUnprocessableEntity, "incorrect_password")

	u, err = users.UpdateMetadata(t.Context(), ada.ID, &user.UpdateMetadataParams{
		PublicMetadata: clerk.JSONRawMessage(json.RawMessage(`{"seats":2}`)),
	})
	want(t, string(u.PublicMetadata) == `{"plan":"free","seats":2}`, u, err)

	tokens, err := users.ListOAuthAccessTokens(t.Context(), &user.ListOAuthAccessTokensParams{ID: ada.ID, Provider: "oauth_google"})
	want(t, tokens.TotalCount == 0, tokens, err)
	if _, err := users.CreateTOTP(t.Context(), ada.ID); err != nil { //nolint:staticcheck // deprecated, and still offered
		t.Error(err)
	}
}

func TestUserImages(t *testing.T) {
	t.Parallel()
	s := mustStart(t)
	users, orgs := user.NewClient(config(s)), organization.NewClient(config(s))
	ada := mustCreate(t, users, "ada@example.com")
	u, err := users.UpdateProfileImage(t.Context(), ada.ID, &user.UpdateProfileImageParams{File: picture(t)})
	want(t, u.HasImage, u, err)
	u, err = users.DeleteProfileImage(t.Context(), ada.ID)
	want(t, !u.HasImage, u, err)
	made, err := orgs.Create(t.Context(), &organization.CreateParams{Name: clerk.String("Acme"), CreatedBy: clerk.String(ada.ID)})
	want(t, made.ID != "", made, err)
	o, err := orgs.UpdateLogo(t.Context(), made.ID, &organization.UpdateLogoParams{File: picture(t), UploaderUserID: clerk.String(ada.ID)})
	want(t, o.HasImage, o, err)
	o, err = orgs.DeleteLogo(t.Context(), made.ID)
	want(t, !o.HasImage, o, err)
}

// picture is a file with a picture of one pixel.
func picture(t *testing.T) *os.File {
	t.Helper()
	pixel, err := base64.StdEncoding.DecodeString(
		"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "pixel.png")
	if err := os.WriteFile(path, pixel, 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	return file
}

func TestUserSecondFactors(t *testing.T) {
	t.Parallel()
	s := mustStart(t)
	users := user.NewClient(config(s))
	for i, test := range []struct {
		name   string
		remove func(id string) (*user.MultifactorAuthentication, error)
		totp   bool // is left
	}{
		{"backup codes", func(id string) (*user.MultifactorAuthentication, error) {
			return users.DeleteBackupCode(t.Context(), id)
		}, true},
		{"app", func(id string) (*user.MultifactorAuthentication, error) { return users.DeleteTOTP(t.Context(), id) }, false},
		{"all", func(id string) (*user.MultifactorAuthentication, error) {
			return users.DeleteMFA(t.Context(), &user.DeleteMFAParams{ID: id})
		}, false},
	} {
		made, err := users.Create(t.Context(), &user.CreateParams{
			EmailAddresses: &[]string{[]string{"a", "b", "c"}[i] + "@example.com"}, SkipPasswordRequirement: clerk.Bool(true),
			TOTPSecret: clerk.String("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"), BackupCodes: &[]string{"backup-code-1", "backup-code-2"},
		})
		if err != nil || !made.TOTPEnabled || !made.BackupCodeEnabled {
			t.Fatalf("got %+v, %v", made, err)
		}
		removed, err := test.remove(made.ID)
		want(t, removed.UserID == made.ID, removed, err)
		left, err := users.Get(t.Context(), made.ID)
		want(t, left.TOTPEnabled == test.totp && (test.name == "app" || !left.BackupCodeEnabled), left, err)
	}
}

func TestUserOrganizations(t *testing.T) {
	t.Parallel()
	s := mustStart(t)
	users := user.NewClient(config(s))
	ada, bob := mustCreate(t, users, "ada@example.com"), mustCreate(t, users, "bob@example.com")
	made, err := organization.NewClient(config(s)).Create(t.Context(), &organization.CreateParams{Name: clerk.String("Acme"), CreatedBy: clerk.String(ada.ID)})
	want(t, made.ID != "", made, err)
	invited, err := organizationinvitation.NewClient(config(s)).Create(t.Context(), &organizationinvitation.CreateParams{
		OrganizationID: made.ID, EmailAddress: clerk.String("bob@example.com"), Role: clerk.String("org:member"), InviterUserID: clerk.String(ada.ID),
	})
	want(t, invited.Status == "pending", invited, err)
	memberships, err := users.ListOrganizationMemberships(t.Context(), ada.ID, &user.ListOrganizationMembershipsParams{})
	want(t, memberships.TotalCount == 1 && memberships.OrganizationMemberships[0].Organization.ID == made.ID, memberships, err)
	invitations, err := users.ListOrganizationInvitations(t.Context(), &user.ListOrganizationInvitationsParams{UserID: bob.ID})
	want(t, invitations.TotalCount == 1 && invitations.OrganizationInvitations[0].ID == invited.ID, invitations, err)
}

func TestEmailAddresses(t *testing.T) {
	t.Parallel()
	s := mustStart(t)
	users, addresses := user.NewClient(config(s)), emailaddress.NewClient(config(s))
	ada := mustCreate(t, users, "ada@example.com")
	made, err := addresses.Create(t.Context(), &emailaddress.CreateParams{
		UserID: clerk.String(ada.ID), EmailAddress: clerk.String("second@example.com"), Verified: clerk.Bool(true),
	})
	if err != nil {
		t.Fatal(err)
	}
	updated, err := addresses.Update(t.Context(), made.ID, &emailaddress.UpdateParams{Primary: clerk.Bool(true)})
	want(t, updated.ID == made.ID, updated, err)
	u, err := users.Get(t.Context(), ada.ID)
	want(t, u.PrimaryEmailAddressID != nil && *u.PrimaryEmailAddressID == made.ID, u, err)
	found, err := addresses.Get(t.Context(), made.ID)
	want(t, found.EmailAddress == "second@example.com" && found.Verification.Status == "verified", found, err)
	gone, err := addresses.Delete(t.Context(), made.ID)
	want(t, gone.Deleted, gone, err)
	_, err = addresses.Get(t.Context(), made.ID)
	wantCode(t, err, http.StatusNotFound, "resource_not_found")
}

func TestPhoneNumbers(t *testing.T) {
	t.Parallel()
	s := mustStart(t, `{"phone_number":"optional","second_factors":{"phone_code":true}}`)
	users, numbers := user.NewClient(config(s)), phonenumber.NewClient(config(s))
	ada := mustCreate(t, users, "ada@example.com")
	made, err := numbers.Create(t.Context(), &phonenumber.CreateParams{
		UserID: clerk.String(ada.ID), PhoneNumber: clerk.String("+15555550100"), Verified: clerk.Bool(true), Primary: clerk.Bool(true),
	})
	if err != nil {
		t.Fatal(err)
	}
	updated, err := numbers.Update(t.Context(), made.ID, &phonenumber.UpdateParams{ReservedForSecondFactor: clerk.Bool(true)})
	want(t, updated.ReservedForSecondFactor, updated, err)
	found, err := numbers.Get(t.Context(), made.ID)
	want(t, found.PhoneNumber == "+15555550100" && found.ReservedForSecondFactor, found, err)
	gone, err := numbers.Delete(t.Context(), made.ID)
	want(t, gone.Deleted, gone, err)
	_, err = numbers.Get(t.Context(), made.ID)
	wantCode(t, err, http.StatusNotFound, "resource_not_found")
}
