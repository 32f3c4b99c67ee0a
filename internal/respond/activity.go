package respond

import (
	"net/http"
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
)

const maxUserAgent = 256 // bytes

// Activity is where a request comes from, as far as it says so.
func Activity(r *http.Request) auth.Activity {
	agent := r.UserAgent()
	if len(agent) > maxUserAgent {
		agent = strings.ToValidUTF8(agent[:maxUserAgent], "")
	}
	act := auth.Activity{IPAddress: ClientAddress(r), UserAgent: strings.ToValidUTF8(agent, "")}
	place := ClientPlace(r)
	act.City, act.Country = place.City, place.Country
	act.Browser = browser(agent)
	act.DeviceType = deviceType(agent)
	if kind := r.Header.Get("x-device-type"); kind != "" && len(kind) <= 64 {
		act.DeviceType = strings.ToValidUTF8(kind, "")
	}
	act.Mobile = r.Header.Get("x-mobile") == "1" || strings.Contains(agent, "Mobi") || strings.Contains(agent, "Android")
	return act
}

// browser and deviceType look for the few tokens that tell browsers and systems
// apart; more specific ones come first, because browsers name their ancestors.
func browser(agent string) string {
	for _, b := range [...][2]string{
		{"Edg/", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"},
	} {
		if strings.Contains(agent, b[0]) {
			return b[1]
		}
	}
	return ""
}

func deviceType(agent string) string {
	for _, d := range [...][2]string{
		{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"Windows", "Windows"}, {"Mac OS X", "Macintosh"}, {"Linux", "Linux"},
	} {
		if strings.Contains(agent, d[0]) {
			return d[1]
		}
	}
	return ""
}
