package frontendapi

import "github.com/perennialauth/perennial/wire"

// listMySessions shows where the person is signed in, on every client.
func (a *API) listMySessions(c *call) error {
	_, me, err := a.acting(c)
	if err != nil {
		return err
	}
	sessions, err := a.Sessions.OfUser(c.r.Context(), me.ID)
	if err != nil {
		return err
	}
	out := make([]wire.Session, 0, len(sessions))
	for _, s := range sessions {
		out = append(out, *a.toSession(c, s))
	}
	return a.answerArray(c, out)
}

// revokeMySession ends a session of the same person on any client.
func (a *API) revokeMySession(c *call) error {
	_, me, err := a.acting(c)
	if err != nil {
		return err
	}
	id, err := c.sessionID()
	if err != nil {
		return err
	}
	over, err := a.Sessions.RevokeOwn(c.r.Context(), me.ID, id)
	if err != nil {
		return err
	}
	return a.answer(c, a.toSession(c, over))
}
