package frontendapi

import (
	"errors"
	"log/slog"
	"net/http"
	"net/url"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
)

// hostedProblem is the page that tells a person what went wrong, by its code.
const hostedProblem = "/problem"

// forPeople is h for an address that a provider or a mail leads to: a person who
// opens it in a browser is shown a page when it fails, and no document.
func (a *API) forPeople(h handler) handler {
	return func(c *call) error {
		err := h(c)
		if err == nil || a.Visitor == nil || !navigates(c) {
			return err
		}
		code := auth.CodeServiceUnavailable
		var refused *auth.Error
		if errors.As(err, &refused) {
			code = refused.Code
		} else {
			slog.ErrorContext(c.r.Context(), "request failed", "trace_id", c.w.Header().Get(respond.TraceHeader), "error", err)
		}
		a.handOut(c)
		return c.seeOther(hostedProblem + "?" + url.Values{"code": {string(code)}}.Encode())
	}
}

// navigates says whether a person sees the answer.
func navigates(c *call) bool {
	if c.native || c.r.Method != http.MethodGet {
		return false
	}
	if mode := c.r.Header.Get("Sec-Fetch-Mode"); mode != "" {
		return mode == "navigate"
	}
	return respond.AsksForHTML(c.r)
}
