package transport

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/perennialauth/perennial/device/core"
)

// build makes the HTTP request of an effect, in the native form of the
// published API: real verbs, form bodies, the raw credential in Authorization.
func (t *Transport) build(ctx context.Context, request core.SendRequest) (*http.Request, error) {
	method, path, form, err := route(request)
	if err != nil {
		return nil, err
	}
	outgoing, err := http.NewRequestWithContext(ctx, method, t.base+"/v1"+path+"?_is_native=1", strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	if len(form) == 0 {
		outgoing.Body, outgoing.GetBody, outgoing.ContentLength = http.NoBody, nil, 0
	} else {
		outgoing.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	outgoing.Header.Set("Accept", "application/json")
	outgoing.Header.Set("User-Agent", t.userAgent)
	outgoing.Header.Set("X-Mobile", "1")
	outgoing.Header.Set("Clerk-Api-Version", apiVersion)
	if !request.Credential.IsZero() {
		outgoing.Header.Set("Authorization", request.Credential.Token().Reveal())
	}
	return outgoing, nil
}

// route maps an effect to method, path below /v1, and form.
func route(request core.SendRequest) (method, path string, form url.Values, err error) {
	session := "/client/sessions/" + url.PathEscape(request.SessionID)
	signIn := "/client/sign_ins/" + url.PathEscape(request.AttemptID)
	signUp := "/client/sign_ups/" + url.PathEscape(request.AttemptID)
	switch request.Kind {
	case core.ReadClient:
		return http.MethodGet, "/client", nil, nil
	case core.MintToken:
		return http.MethodPost, session + "/tokens", nil, named(request.SessionID)
	case core.RemoveSession:
		return http.MethodPost, session + "/remove", nil, named(request.SessionID)
	case core.RemoveSessions:
		return http.MethodDelete, "/client/sessions", nil, nil
	case core.CreateSignIn:
		return http.MethodPost, "/client/sign_ins", signInForm(request), nil
	case core.PrepareFirstFactor:
		return http.MethodPost, signIn + "/prepare_first_factor", prepareForm(request), named(request.AttemptID)
	case core.AttemptFirstFactor:
		return http.MethodPost, signIn + "/attempt_first_factor", attemptForm(request), named(request.AttemptID)
	case core.PrepareSecondFactor:
		return http.MethodPost, signIn + "/prepare_second_factor", prepareForm(request), named(request.AttemptID)
	case core.AttemptSecondFactor:
		return http.MethodPost, signIn + "/attempt_second_factor", attemptForm(request), named(request.AttemptID)
	case core.ResetPassword:
		form := url.Values{"password": {request.Password.Reveal()}}
		form.Set("sign_out_of_other_sessions", strconv.FormatBool(request.SignOutOthers))
		return http.MethodPost, signIn + "/reset_password", form, named(request.AttemptID)
	case core.CreateSignUp:
		return http.MethodPost, "/client/sign_ups", signUpForm(request), nil
	case core.PrepareVerification:
		return http.MethodPost, signUp + "/prepare_verification", prepareForm(request), named(request.AttemptID)
	case core.AttemptVerification:
		return http.MethodPost, signUp + "/attempt_verification", attemptForm(request), named(request.AttemptID)
	case core.StartFlow:
		return http.MethodPost, "/client/hosted_auth", startForm(request), nil
	case core.RedeemFlow:
		return http.MethodPost, "/client", redeemForm(request), nil
	default:
		return "", "", nil, fmt.Errorf("transport: internal error: no route for request kind %q", request.Kind)
	}
}

// named refuses an identifier that would change the path. Identifiers come
// from a server and were checked when they arrived; this is the second lock.
func named(id string) error {
	if !validID(id) {
		return fmt.Errorf("transport: identifier %q cannot stand in a path", cut(id, 40))
	}
	return nil
}

func signInForm(request core.SendRequest) url.Values {
	form := url.Values{"identifier": {request.Identifier}}
	if !request.Password.IsZero() {
		form.Set("strategy", string(core.StrategyPassword))
		form.Set("password", request.Password.Reveal())
	}
	return form
}

func signUpForm(request core.SendRequest) url.Values {
	form := url.Values{"email_address": {request.Identifier}}
	if !request.Password.IsZero() {
		form.Set("password", request.Password.Reveal())
	}
	return form
}

func prepareForm(request core.SendRequest) url.Values {
	form := url.Values{"strategy": {string(request.Strategy)}}
	switch {
	case request.FactorID == "":
	case request.Strategy == core.StrategyPhoneCode:
		form.Set("phone_number_id", request.FactorID)
	default:
		form.Set("email_address_id", request.FactorID)
	}
	return form
}

func attemptForm(request core.SendRequest) url.Values {
	form := url.Values{"strategy": {string(request.Strategy)}}
	if !request.Code.IsZero() {
		form.Set("code", request.Code.Reveal())
	}
	if !request.Password.IsZero() {
		form.Set("password", request.Password.Reveal())
	}
	return form
}
