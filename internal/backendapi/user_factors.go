package backendapi

import (
	"context"
	"net/http"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/internal/user"
)

func (a *API) userFactorRoutes() map[string]handler {
	return map[string]handler{
		"DELETE /v1/users/{user_id}/mfa":                      a.disableMFA,
		"DELETE /v1/users/{user_id}/totp":                     a.deleteTOTP,
		"DELETE /v1/users/{user_id}/backup_code":              a.deleteBackupCodes,
		"POST /v1/users/{user_id}/verify_totp":                a.verifyTOTP,
		"POST /v1/users/{user_id}/password/set_compromised":   a.setCompromised,
		"POST /v1/users/{user_id}/password/unset_compromised": a.unsetCompromised,
		"POST /v1/users/{user_id}/profile_image":              a.setUserImage,
		"DELETE /v1/users/{user_id}/profile_image":            a.deleteUserImage,
	}
}

// userIDOnly is the answer to the removal of second factors.
type userIDOnly struct {
	UserID auth.UserID `json:"user_id"`
}

func (a *API) disableMFA(_ http.ResponseWriter, r *http.Request) (any, error) {
	return withoutFactor(r, a.Users.DisableMFA)
}

func (a *API) deleteTOTP(_ http.ResponseWriter, r *http.Request) (any, error) {
	return withoutFactor(r, a.Users.DeleteTOTP)
}

func (a *API) deleteBackupCodes(_ http.ResponseWriter, r *http.Request) (any, error) {
	return withoutFactor(r, a.Users.DeleteBackupCodes)
}

func withoutFactor(r *http.Request, remove userOperation) (any, error) {
	id, err := userID(r)
	if err != nil {
		return nil, err
	}
	if _, err := remove(r.Context(), id); err != nil {
		return nil, err
	}
	return userIDOnly{id}, nil
}

type verifiedTOTP struct {
	Verified bool          `json:"verified"`
	CodeType auth.Strategy `json:"code_type"`
}

func (a *API) verifyTOTP(w http.ResponseWriter, r *http.Request) (any, error) {
	id, err := userID(r)
	if err != nil {
		return nil, err
	}
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	code := f.Required("code")
	if err := f.Err(); err != nil {
		return nil, err
	}
	kind, err := a.Users.VerifySecondFactor(r.Context(), id, code)
	if err != nil {
		return nil, err
	}
	return verifiedTOTP{true, kind}, nil
}

func (a *API) setCompromised(w http.ResponseWriter, r *http.Request) (any, error) {
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	signOut := f.Bool("revoke_all_sessions")
	if err := f.Err(); err != nil {
		return nil, err
	}
	return a.onUser(r, func(ctx context.Context, id auth.UserID) (user.Account, error) {
		return a.Users.SetCompromised(ctx, id, signOut)
	})
}

func (a *API) unsetCompromised(_ http.ResponseWriter, r *http.Request) (any, error) {
	return a.onUser(r, a.Users.UnsetCompromised)
}

// setUserImage looks for the user first: a picture for nobody is not worth the
// work of decoding it.
func (a *API) setUserImage(w http.ResponseWriter, r *http.Request) (any, error) {
	id, err := userID(r)
	if err != nil {
		return nil, err
	}
	if _, err := a.Users.Get(r.Context(), id); err != nil {
		return nil, err
	}
	contentType, content, err := a.uploaded(w, r)
	if err != nil {
		return nil, err
	}
	return a.account(a.Users.SetImage(r.Context(), id, contentType, content))
}

func (a *API) deleteUserImage(_ http.ResponseWriter, r *http.Request) (any, error) {
	return a.onUser(r, a.Users.DeleteImage)
}
