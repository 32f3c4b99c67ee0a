package sharedtoken

import (
	"encoding/json"
	"time"

	"github.com/perennialauth/perennial/device/core"
	"github.com/perennialauth/perennial/device/shell"
)

// entry is what the vault keeps: a token, whose it is, and when it was obtained
// by each of three clocks. The zero entry is a token that was erased.
type entry struct {
	JWT     string       `json:"jwt,omitempty"`
	Session string       `json:"session,omitempty"`
	User    string       `json:"user,omitempty"`
	Issued  core.Wall    `json:"issued,omitempty"`
	Expires core.Wall    `json:"expires,omitempty"`
	Server  core.Wall    `json:"server,omitempty"` // when it answered
	Begun   core.Instant `json:"begun,omitempty"`  // before it was asked
	Wall    core.Wall    `json:"wall,omitempty"`   // of this device then
	Boot    string       `json:"boot,omitempty"`
}

func entryOf(answer core.Responded, begun core.Instant, wall core.Wall, boot string) entry {
	doc := answer.Token
	return entry{
		JWT: doc.JWT.Reveal(), Session: doc.SessionID, User: doc.UserID, Issued: doc.IssuedAt, Expires: doc.ExpiresAt,
		Server: answer.ServerTime, Begun: begun, Wall: wall, Boot: boot,
	}
}

func (e entry) encode() []byte {
	body, _ := json.Marshal(e) // strings and numbers
	return body
}

func decode(body []byte) (entry, bool) {
	var e entry
	err := json.Unmarshal(body, &e)
	return e, err == nil && e.JWT != ""
}

// age is how long ago the token was asked for, by whichever clock says more.
// It is not comparable in another run of the machine, where the monotonic clock
// has begun anew.
func (e entry) age(clock shell.Clock, boot string) (time.Duration, bool) {
	monotonic := clock.Now().Since(e.Begun)
	wall := time.Duration(clock.Wall()-e.Wall) * time.Millisecond
	return max(monotonic, wall), e.Boot == boot && monotonic >= 0
}

// left is how much life the token has, by the server's own times.
func (e entry) left(age time.Duration) time.Duration {
	life := min(e.Expires-e.Server, e.Expires-e.Issued)
	return time.Duration(life)*time.Millisecond - age
}

// answer is what the server would have said now, had it said the same.
func (e entry) answer(age time.Duration) core.Responded {
	return core.Responded{
		Class: core.Accepted, Status: 200, Shared: true, ServerTime: e.Server + core.Wall(age.Milliseconds()),
		Token: core.TokenDoc{
			JWT: core.NewSecret(e.JWT), SessionID: e.Session, UserID: e.User, IssuedAt: e.Issued, ExpiresAt: e.Expires,
		},
	}
}
