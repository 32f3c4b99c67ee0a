package bindings

import "github.com/perennialauth/perennial/device"

// State is a [device.State] as plain data.
type State struct {
	// Sequence numbers the states of a process upwards, without gaps.
	Sequence int64 `json:"sequence"`
	// Verdict is active, active-unverified, pending, signed-out or
	// undetermined; Cause says why it holds.
	Verdict string `json:"verdict"`
	Cause   string `json:"cause"`
	// Task is the open task of a pending session.
	Task string `json:"task,omitempty"`
	// SignedIn: show the app. Settled: an answer to a restore.
	SignedIn  bool `json:"signed_in"`
	Settled   bool `json:"settled"`
	Confirmed bool `json:"confirmed"`

	SessionID string `json:"session_id,omitempty"`
	ClientID  string `json:"client_id,omitempty"`
	User      *User  `json:"user,omitempty"`
	// Generation moves with every durable change.
	Generation int64 `json:"generation"`

	Evidence Evidence `json:"evidence"`
	// PersistFailing: what this says is not durable yet. Failing says why the
	// server cannot be asked at present.
	PersistFailing bool   `json:"persist_failing,omitempty"`
	Failing        string `json:"failing,omitempty"`
	// AtMS is the device's time of day, in milliseconds since 1970, for display.
	AtMS int64 `json:"at_ms"`
}

// User is what may be shown of the signed-in user.
type User struct {
	ID         string `json:"id"`
	Identifier string `json:"identifier,omitempty"`
	FirstName  string `json:"first_name,omitempty"`
	LastName   string `json:"last_name,omitempty"`
	ImageURL   string `json:"image_url,omitempty"`
}

// Evidence is what a state or an error rests on. It holds no secret.
type Evidence struct {
	Request string `json:"request,omitempty"`
	Trace   string `json:"trace,omitempty"`
	Status  int    `json:"status,omitempty"`
	Code    string `json:"code,omitempty"`
	Trouble string `json:"trouble,omitempty"`
	Store   string `json:"store,omitempty"`
	Detail  string `json:"detail,omitempty"`
}

// StateOf copies a state.
func StateOf(s device.State) State {
	state := State{
		Sequence: int64(s.Sequence), Verdict: string(s.Kind), Cause: string(s.Cause), Task: s.Task,
		SignedIn: s.SignedIn(), Settled: s.Settled(), Confirmed: s.Confirmed,
		SessionID: s.SessionID, ClientID: s.ClientID, Generation: int64(s.Generation),
		Evidence: evidenceOf(s), PersistFailing: s.PersistFailing, Failing: string(s.Failing), AtMS: int64(s.At),
	}
	if s.User != (device.User{}) {
		state.User = &User{
			ID: s.User.ID, Identifier: s.User.Identifier,
			FirstName: s.User.FirstName, LastName: s.User.LastName, ImageURL: s.User.ImageURL,
		}
	}
	return state
}

func evidenceOf(s device.State) Evidence {
	e := s.Evidence
	return Evidence{
		Request: string(e.Request), Trace: e.Trace, Status: e.Status, Code: e.Code,
		Trouble: string(e.Trouble), Store: string(e.Store), Detail: e.Detail,
	}
}
