package main

import (
	"net/http"

	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/internal/session"
)

// withRotation mounts POST /dev/rotate in front of an API. It answers with a
// successor of the client token in the Authorization header, so that a test can
// see how an app bears a server that rotates. Whoever asks holds the token, and
// it stays valid.
func withRotation(clients *session.Clients, publicURL string, next http.Handler) http.Handler {
	m := respond.NewMux()
	m.HandleFunc("POST /dev/rotate", func(w http.ResponseWriter, r *http.Request) {
		caller, err := clients.Resolve(r.Context(), r.Header.Get("Authorization"))
		if err == nil {
			caller, err = clients.Rotate(r.Context(), caller)
		}
		if err != nil {
			respond.Error(w, r, err)
			return
		}
		respond.JSON(w, http.StatusOK, map[string]string{"token": caller.Issued})
	})
	return forThisMachine(m, publicURL, next)
}
