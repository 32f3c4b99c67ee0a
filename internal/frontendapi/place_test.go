package frontendapi_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/server"
)

// A session shows the device and the place of its last use, in both APIs.
func TestDeviceAndPlaceOfASession(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, func(o *apitest.Options) {
		o.Places = server.PlaceHeaders{Country: "X-Edge-Country", City: "X-Edge-City"}
	})
	app := s.Native()
	send := func(method, path, body, country, city string) *apitest.Answer {
		t.Helper()
		return app.Send(t, apitest.Request{Method: method, Path: path, Body: body, Header: http.Header{
			"X-Edge-Country": {country}, "X-Edge-City": {city}, "X-Device-Type": {"iPhone"}, "X-Mobile": {"1"},
			"User-Agent": {"Mozilla/5.0 (iPhone) Safari/604.1"}, "X-Forwarded-For": {"203.0.113.7"},
		}}).OK(t)
	}
	app.SignUp(t, "ada@example.com")
	app.Do(t, "DELETE", "/v1/client/sessions", "").OK(t)
	in := send("POST", "/v1/client/sign_ins", form("identifier", "ada@example.com", "password", password).Encode(), "PT", "Porto")
	id := in.Text("response", "created_session_id")
	if got := in.Header.Get("X-Country"); got != "PT" {
		t.Errorf("the country of the request is told as %q", got)
	}
	shown := func(city, country string) {
		t.Helper()
		for name, got := range map[string]any{
			"the user's list":   app.Do(t, "GET", "/v1/me/sessions", "").OK(t).Get("0", "latest_activity"),
			"the client":        app.Do(t, "GET", "/v1/client", "").OK(t).Get("response", "sessions", "0", "latest_activity"),
			"the back end's":    s.BackEnd().Do(t, "GET", "/v1/sessions/"+id, "").OK(t).Get("latest_activity"),
			"the session alone": app.Do(t, "GET", "/v1/client/sessions/"+id, "").OK(t).Get("response", "latest_activity"),
		} {
			activity, _ := got.(map[string]any)
			if activity["city"] != city || activity["country"] != country || activity["ip_address"] != "203.0.113.7" ||
				activity["device_type"] != "iPhone" || activity["browser_name"] != "Safari" || activity["is_mobile"] != true {
				t.Errorf("%s: %v", name, activity)
			}
		}
	}
	shown("Porto", "PT")
	s.Advance(time.Hour)
	send("POST", "/v1/client/sessions/"+id+"/touch", "", "ES", "Vigo")
	shown("Vigo", "ES")
}
