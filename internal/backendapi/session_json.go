package backendapi

import (
	"encoding/json"
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
)

// sessionJSON is a session as back ends see one.
type sessionJSON struct {
	Object         string          `json:"object"`
	ID             string          `json:"id"`
	UserID         string          `json:"user_id"`
	ClientID       string          `json:"client_id"`
	Actor          json.RawMessage `json:"actor"`
	Status         string          `json:"status"`
	LastActiveOrg  *string         `json:"last_active_organization_id"`
	LastActiveAt   int64           `json:"last_active_at"`
	LatestActivity *activityJSON   `json:"latest_activity"`
	ExpireAt       int64           `json:"expire_at"`
	AbandonAt      int64           `json:"abandon_at"`
	UpdatedAt      int64           `json:"updated_at"`
	CreatedAt      int64           `json:"created_at"`
}

// activityJSON leaves out what is not known; null is not published here.
type activityJSON struct {
	Object      string `json:"object"`
	ID          string `json:"id"`
	DeviceType  string `json:"device_type,omitempty"`
	IsMobile    bool   `json:"is_mobile"`
	BrowserName string `json:"browser_name,omitempty"`
	IPAddress   string `json:"ip_address,omitempty"`
	City        string `json:"city,omitempty"`
	Country     string `json:"country,omitempty"`
}

func toSession(s auth.Session) sessionJSON {
	return sessionJSON{
		Object: "session", ID: string(s.ID), UserID: string(s.User), ClientID: string(s.Client), Actor: s.Actor.JSON(),
		Status: string(s.Status), LastActiveOrg: respond.OrNull(string(s.Organization)), LastActiveAt: s.LastActiveAt.UnixMilli(), LatestActivity: toActivity(s),
		ExpireAt: s.ExpireAt.UnixMilli(), AbandonAt: s.AbandonAt.UnixMilli(),
		UpdatedAt: s.UpdatedAt.UnixMilli(), CreatedAt: s.CreatedAt.UnixMilli(),
	}
}

func toSessions(sessions []auth.Session) []sessionJSON {
	out := make([]sessionJSON, 0, len(sessions))
	for _, s := range sessions {
		out = append(out, toSession(s))
	}
	return out
}

// toActivity is null for a session that no device has used.
func toActivity(s auth.Session) *activityJSON {
	if s.Activity == (auth.Activity{}) {
		return nil
	}
	return &activityJSON{
		Object: "session_activity", ID: "sess_activity_" + strings.TrimPrefix(string(s.ID), "sess_"),
		DeviceType: s.Activity.DeviceType, IsMobile: s.Activity.Mobile,
		BrowserName: s.Activity.Browser, IPAddress: s.Activity.IPAddress, City: s.Activity.City, Country: s.Activity.Country,
	}
}
