package nativemodule

import (
	"github.com/perennialauth/perennial/device"
	"github.com/perennialauth/perennial/device/bindings"
)

// The events of the module.
const (
	// AuthStateChange is emitted when a session is there to be shown, and when
	// a person signed out on the native side (3.2.7).
	AuthStateChange = "onAuthStateChange"
	// ClientChanged is emitted for changes that began on the native side, and
	// for no others (4.6.6).
	ClientChanged = "clerkNativeClientChanged"
	// AuthFlowChanged is emitted with each change of [AuthFlow] (4.6.6).
	AuthFlowChanged = "clerkNativeAuthFlowChanged"
	// VerdictChanged is emitted with every state of the core, in order. It is
	// not part of the published interface.
	VerdictChanged = "perennialVerdictChanged"
	// Traced is emitted with every line of the launch trace, when there is one.
	Traced = "perennialTrace"
)

// VerdictChange is the payload of [VerdictChanged].
type VerdictChange struct {
	PublishableKey string         `json:"publishableKey"`
	State          bindings.State `json:"state"`
}

// Session is the payload of getSession. It has the fields of both platforms of
// 3.2.7: sessionId and status at the top, and the session as an object.
type Session struct {
	SessionID string        `json:"sessionId"`
	Status    string        `json:"status"`
	Session   SessionObject `json:"session"`
	User      User          `json:"user"`
}

// SessionObject is the session within a [Session].
type SessionObject struct {
	ID     string `json:"id"`
	Status string `json:"status"`
	UserID string `json:"userId"`
}

// User is the signed-in user within a [Session].
type User struct {
	ID                  string `json:"id"`
	FirstName           string `json:"firstName,omitempty"`
	LastName            string `json:"lastName,omitempty"`
	ImageURL            string `json:"imageUrl,omitempty"`
	PrimaryEmailAddress string `json:"primaryEmailAddress,omitempty"`
}

// AuthFlow is the payload of getAuthFlowState and of [AuthFlowChanged].
type AuthFlow struct {
	// IsLoaded: there is a verdict, undetermined among them; it is true
	// within the local deadline whatever the network and the store do.
	// IsAuthFlowComplete: nothing is left to do on the native side, because a
	// session is there and has no open task, or because that is not known; the
	// script combines it with what it knows itself, and must not show the
	// sign-in because of something that nobody knows.
	IsLoaded           bool `json:"isLoaded"`
	IsAuthFlowComplete bool `json:"isAuthFlowComplete"`
}

// AuthState is the payload of [AuthStateChange].
type AuthState struct {
	Type      string  `json:"type"` // signedIn or signedOut
	SessionID *string `json:"sessionId"`
}

// ClientChange is the payload of [ClientChanged].
type ClientChange struct {
	Changed struct {
		Client      bool `json:"client"`
		DeviceToken bool `json:"deviceToken"`
	} `json:"changed"`
	DeviceToken *string `json:"deviceToken"`
	SourceID    *string `json:"sourceId"`
}

func there(s device.State) bool { return s.SignedIn() || s.Kind == device.Pending }

func sessionOf(s device.State) *Session {
	if !there(s) {
		return nil
	}
	status := "active"
	if s.Kind == device.Pending {
		status = "pending"
	}
	return &Session{
		SessionID: s.SessionID, Status: status,
		Session: SessionObject{ID: s.SessionID, Status: status, UserID: s.User.ID},
		User: User{
			ID: s.User.ID, FirstName: s.User.FirstName, LastName: s.User.LastName,
			ImageURL: s.User.ImageURL, PrimaryEmailAddress: s.User.Identifier,
		},
	}
}

func authFlowOf(s device.State) AuthFlow {
	unknown := s.Kind == device.Undetermined && s.Settled()
	return AuthFlow{IsLoaded: s.Settled(), IsAuthFlowComplete: s.SignedIn() || unknown}
}

func signedIn(s device.State) AuthState {
	id := s.SessionID
	return AuthState{Type: "signedIn", SessionID: &id}
}

// changedClient asks the script to read its client again, with token if that is
// not empty.
func changedClient(token string) ClientChange {
	var c ClientChange
	c.Changed.Client = true
	if token != "" {
		c.Changed.DeviceToken, c.DeviceToken = true, &token
	}
	return c
}
