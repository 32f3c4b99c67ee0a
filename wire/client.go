package wire

import "encoding/json"

// Client is the container of sessions on one browser or device. Every member is
// always written: native decoders refuse a client with a required one missing.
type Client struct {
	Object            string    `json:"object"` // "client"
	ID                string    `json:"id"`
	SignIn            *SignIn   `json:"sign_in"`
	SignUp            *SignUp   `json:"sign_up"`
	Sessions          []Session `json:"sessions"`
	LastActiveSession *string   `json:"last_active_session_id"`
	LastAuthStrategy  *string   `json:"last_authentication_strategy"`
	CookieExpiresAt   *int64    `json:"cookie_expires_at"`
	CaptchaBypass     bool      `json:"captcha_bypass"`
	CreatedAt         int64     `json:"created_at"`
	UpdatedAt         int64     `json:"updated_at"`
}

// Session is a signed-in user on a client.
type Session struct {
	Object          string          `json:"object"` // "session"
	ID              string          `json:"id"`
	Status          string          `json:"status"`
	ExpireAt        int64           `json:"expire_at"`
	AbandonAt       int64           `json:"abandon_at"`
	LastActiveAt    int64           `json:"last_active_at"`
	LastActiveOrg   *string         `json:"last_active_organization_id"`
	LastActiveToken *Token          `json:"last_active_token"`
	Actor           json.RawMessage `json:"actor"` // an object or null; an object breaks published iOS decoders
	Tasks           []SessionTask   `json:"tasks"` // null when none
	FactorAge       [2]int          `json:"factor_verification_age"`
	LatestActivity  *Activity       `json:"latest_activity"`
	PublicUserData  *PublicUserData `json:"public_user_data"`
	User            *User           `json:"user"`
	CreatedAt       int64           `json:"created_at"`
	UpdatedAt       int64           `json:"updated_at"`
}

// SessionTask is something the user still has to do before a pending session
// becomes active.
type SessionTask struct {
	Key string `json:"key"`
}

// Activity tells a person where a session was last used.
type Activity struct {
	Object         string  `json:"object"` // "session_activity"
	ID             string  `json:"id"`
	DeviceType     *string `json:"device_type,omitempty"`
	IsMobile       bool    `json:"is_mobile"`
	BrowserName    *string `json:"browser_name,omitempty"`
	BrowserVersion *string `json:"browser_version,omitempty"`
	IPAddress      *string `json:"ip_address,omitempty"`
	City           *string `json:"city,omitempty"`
	Country        *string `json:"country,omitempty"`
}

// PublicUserData is what may be shown of a user without being that user.
type PublicUserData struct {
	FirstName       *string `json:"first_name"`
	LastName        *string `json:"last_name"`
	ImageURL        string  `json:"image_url"`
	HasImage        bool    `json:"has_image"`
	Identifier      string  `json:"identifier"`
	UserID          string  `json:"user_id"`
	Username        *string `json:"username"`
	ProfileImageURL string  `json:"profile_image_url"`
	Banned          bool    `json:"banned"`
}
