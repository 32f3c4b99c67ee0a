package mobile

import (
	"github.com/perennialauth/perennial/device"
	"github.com/perennialauth/perennial/device/bindings"
)

// The verdicts.
const (
	VerdictActive           = string(device.Active)
	VerdictActiveUnverified = string(device.ActiveUnverified)
	VerdictPending          = string(device.Pending)
	VerdictSignedOut        = string(device.SignedOut)
	VerdictUndetermined     = string(device.Undetermined)
)

// State is what is known about the session at one instant.
type State struct {
	// Sequence numbers the states of a process upwards, without gaps.
	Sequence int64
	Verdict  string
	Cause    string
	Task     string
	// SignedIn: show the app. Settled: an answer to a restore.
	SignedIn  bool
	Settled   bool
	Confirmed bool

	SessionID string
	ClientID  string
	// The user's fields are empty when nobody is signed in.
	UserID         string
	UserIdentifier string
	UserFirstName  string
	UserLastName   string
	UserImageURL   string

	Generation     int64
	PersistFailing bool
	Failing        string
	AtMillis       int64
}

func stateOf(s device.State) *State {
	plain := bindings.StateOf(s)
	state := &State{
		Sequence: plain.Sequence, Verdict: plain.Verdict, Cause: plain.Cause, Task: plain.Task,
		SignedIn: plain.SignedIn, Settled: plain.Settled, Confirmed: plain.Confirmed,
		SessionID: plain.SessionID, ClientID: plain.ClientID, Generation: plain.Generation,
		PersistFailing: plain.PersistFailing, Failing: plain.Failing, AtMillis: plain.AtMS,
	}
	if u := plain.User; u != nil {
		state.UserID, state.UserIdentifier, state.UserImageURL = u.ID, u.Identifier, u.ImageURL
		state.UserFirstName, state.UserLastName = u.FirstName, u.LastName
	}
	return state
}
