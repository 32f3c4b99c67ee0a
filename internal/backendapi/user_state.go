package backendapi

import (
	"context"
	"net/http"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/internal/user"
)

// maxBulk is how many users one bulk operation takes.
const maxBulk = 50

func (a *API) banUser(_ http.ResponseWriter, r *http.Request) (any, error) {
	return a.onUser(r, a.Users.Ban)
}

func (a *API) unbanUser(_ http.ResponseWriter, r *http.Request) (any, error) {
	return a.onUser(r, a.Users.Unban)
}

func (a *API) lockUser(_ http.ResponseWriter, r *http.Request) (any, error) {
	return a.onUser(r, a.Users.Lock)
}

func (a *API) unlockUser(_ http.ResponseWriter, r *http.Request) (any, error) {
	return a.onUser(r, a.Users.Unlock)
}

func (a *API) banUsers(w http.ResponseWriter, r *http.Request) (any, error) {
	return a.onUsers(w, r, a.Users.Ban)
}

func (a *API) unbanUsers(w http.ResponseWriter, r *http.Request) (any, error) {
	return a.onUsers(w, r, a.Users.Unban)
}

type userOperation func(ctx context.Context, id auth.UserID) (user.Account, error)

// onUser does op to the user in the path.
func (a *API) onUser(r *http.Request, op userOperation) (any, error) {
	id, err := userID(r)
	if err != nil {
		return nil, err
	}
	return a.account(op(r.Context(), id))
}

// onUsers does op to each user named in the body, after all were found: a
// wrong id among them changes nothing.
func (a *API) onUsers(w http.ResponseWriter, r *http.Request, op userOperation) (any, error) {
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	ids := f.Strings("user_ids")
	switch {
	case f.Err() != nil:
	case len(ids) == 0:
		f.Fail(auth.CodeParamMissing, "user_ids")
	case len(ids) > maxBulk:
		f.Fail(auth.CodeParamTooLong, "user_ids")
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	for _, id := range ids {
		if _, err := a.Users.Get(r.Context(), auth.UserID(id)); err != nil {
			return nil, err
		}
	}
	out := make([]userJSON, 0, len(ids))
	for _, id := range ids {
		acc, err := op(r.Context(), auth.UserID(id))
		if err != nil {
			return nil, err
		}
		out = append(out, a.toUser(acc))
	}
	return out, nil
}

func (a *API) mergeMetadata(w http.ResponseWriter, r *http.Request) (any, error) {
	return a.onMetadata(w, r, a.Users.MergeMetadata)
}

func (a *API) replaceMetadata(w http.ResponseWriter, r *http.Request) (any, error) {
	return a.onMetadata(w, r, a.Users.ReplaceMetadata)
}

func (a *API) onMetadata(
	w http.ResponseWriter, r *http.Request,
	op func(ctx context.Context, id auth.UserID, m user.Metadata) (user.Account, error),
) (any, error) {
	id, err := userID(r)
	if err != nil {
		return nil, err
	}
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	m := metadata(f)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return a.account(op(r.Context(), id, m))
}

func (a *API) verifyPassword(w http.ResponseWriter, r *http.Request) (any, error) {
	id, err := userID(r)
	if err != nil {
		return nil, err
	}
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	password := f.Required("password")
	if err := f.Err(); err != nil {
		return nil, err
	}
	if err := a.Users.VerifyPassword(r.Context(), id, password); err != nil {
		return nil, err
	}
	return map[string]bool{"verified": true}, nil
}

func (a *API) removePassword(w http.ResponseWriter, r *http.Request) (any, error) {
	id, err := userID(r)
	if err != nil {
		return nil, err
	}
	f, err := respond.Read(w, r)
	if err != nil {
		return nil, err
	}
	signOut := f.Bool("sign_out_of_other_sessions")
	if err := f.Err(); err != nil {
		return nil, err
	}
	return a.account(a.Users.RemovePassword(r.Context(), id, signOut))
}
