package backendapi

import (
	"net/http"

	"github.com/perennialauth/perennial/internal/auth"
)

func (a *API) passkeyRoutes() map[string]handler {
	return map[string]handler{
		"DELETE /v1/users/{user_id}/passkeys/{passkey_identification_id}": a.deletePasskey,
	}
}

// passkeyJSON is a passkey as back ends see one.
type passkeyJSON struct {
	Object       string            `json:"object"` // "passkey"
	ID           string            `json:"id"`
	Name         string            `json:"name"`
	LastUsedAt   int64             `json:"last_used_at"` // registered, for one that never signed in
	Verification *verificationJSON `json:"verification"`
}

func (a *API) toPasskeys(u auth.User) []passkeyJSON {
	out := []passkeyJSON{}
	for _, p := range u.VerifiedPasskeys() {
		used := p.LastUsedAt
		if used.IsZero() {
			used = p.CreatedAt
		}
		out = append(out, passkeyJSON{
			Object: "passkey", ID: string(p.ID), Name: p.Name, LastUsedAt: used.UnixMilli(),
			Verification: toVerification(p.Verification, a.Now()),
		})
	}
	return out
}

func (a *API) deletePasskey(_ http.ResponseWriter, r *http.Request) (any, error) {
	id, err := userID(r)
	if err != nil {
		return nil, err
	}
	passkey := r.PathValue("passkey_identification_id")
	if err := a.Users.DeletePasskey(r.Context(), id, auth.PasskeyID(passkey)); err != nil {
		return nil, err
	}
	return deleted("passkey", passkey), nil
}
