package transport

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/perennialauth/perennial/device/core"
	"github.com/perennialauth/perennial/wire"
)

// The shapes below name only what the core reads. What proves that an answer is
// the server's and about this client is required: the object names, the
// identifiers, the list of sessions and their status. Instants may be missing,
// because clerk-js loads without them and so some servers leave them out;
// unknown members are ignored; an unknown session status makes the answer
// unreadable rather than a verdict.
var (
	errShape = errors.New("not the published shape")
	// errOther: well-formed and about something else than was asked.
	errOther = errors.New("about another object")
)

// decode fills answer with what an accepted answer to request must carry.
func decode(request core.SendRequest, answer *core.Responded, body []byte) error {
	if request.Kind == core.MintToken {
		return decodeMinted(request, answer, body)
	}
	var envelope wire.RawEnvelope
	if err := json.Unmarshal(body, &envelope); err != nil {
		return err
	}
	if present(envelope.Client) {
		client, err := decodeClient(envelope.Client)
		if err != nil {
			return fmt.Errorf("piggybacked client: %w", err)
		}
		answer.Client = client
	}
	switch request.Kind {
	case core.StartFlow:
		return decodeFlow(answer, envelope.Response)
	case core.ReadClient, core.RemoveSessions, core.RedeemFlow:
		client, err := decodeClient(envelope.Response)
		answer.Client = client
		return err
	case core.RemoveSession:
		session, err := decodeSession(envelope.Response)
		if err == nil && session.ID != request.SessionID {
			return errOther
		}
		answer.Session = session
		return err
	case core.CreateSignUp, core.PrepareVerification, core.AttemptVerification:
		return checkAttempt(request, answer, decodeSignUp, envelope.Response)
	default:
		return checkAttempt(request, answer, decodeSignIn, envelope.Response)
	}
}

func checkAttempt(request core.SendRequest, answer *core.Responded, read func([]byte) (*core.AttemptDoc, error), raw []byte) error {
	attempt, err := read(raw)
	if err != nil {
		return err
	}
	if request.AttemptID != "" && attempt.ID != request.AttemptID {
		return errOther
	}
	answer.Attempt = attempt
	return nil
}

func present(raw json.RawMessage) bool {
	return len(raw) > 0 && !bytes.Equal(raw, []byte("null"))
}

type clientShape struct {
	Object            string            `json:"object"`
	ID                string            `json:"id"`
	Sessions          []json.RawMessage `json:"sessions"`
	LastActiveSession *string           `json:"last_active_session_id"`
	UpdatedAt         int64             `json:"updated_at"` // 0: not told
}

func decodeClient(raw []byte) (*core.ClientDoc, error) {
	var shape clientShape
	if err := json.Unmarshal(raw, &shape); err != nil {
		return nil, err
	}
	if shape.Object != "client" || !validID(shape.ID) || shape.Sessions == nil {
		return nil, errShape
	}
	client := &core.ClientDoc{ID: shape.ID, UpdatedAt: core.Wall(shape.UpdatedAt)}
	if shape.LastActiveSession != nil {
		client.LastActiveSessionID = *shape.LastActiveSession
	}
	for _, rawSession := range shape.Sessions {
		session, err := decodeSession(rawSession)
		if err != nil {
			return nil, err
		}
		client.Sessions = append(client.Sessions, *session)
	}
	return client, nil
}

type sessionShape struct {
	Object   string      `json:"object"`
	ID       string      `json:"id"`
	Status   string      `json:"status"`
	ExpireAt int64       `json:"expire_at"` // 0: not told
	User     *userShape  `json:"user"`
	Token    *wire.Token `json:"last_active_token"`
	Tasks    []struct {
		Key string `json:"key"`
	} `json:"tasks"`
}

func decodeSession(raw []byte) (*core.SessionDoc, error) {
	var shape sessionShape
	if err := json.Unmarshal(raw, &shape); err != nil {
		return nil, err
	}
	if shape.Object != "session" || !validID(shape.ID) || !knownStatus(shape.Status) {
		return nil, errShape
	}
	session := &core.SessionDoc{ID: shape.ID, Status: shape.Status, ExpireAt: core.Wall(shape.ExpireAt)}
	if shape.User != nil {
		session.User = shape.User.doc()
	}
	if live := shape.Status == "active" || shape.Status == "pending"; live && !validID(session.User.ID) {
		return nil, errShape
	}
	if len(shape.Tasks) > 0 {
		session.Task = clean(shape.Tasks[0].Key)
	}
	if shape.Token != nil {
		// The cached token is a convenience: a server may leave it out, and an
		// unreadable or foreign one is left out here.
		if token, err := decodeToken(*shape.Token); err == nil && token.SessionID == session.ID {
			session.Token = token
		}
	}
	return session, nil
}

func knownStatus(status string) bool {
	switch status {
	case "active", "pending", "ended", "expired", "removed", "replaced", "revoked", "abandoned":
		return true
	default:
		return false
	}
}

type userShape struct {
	ID             string  `json:"id"`
	Username       *string `json:"username"`
	FirstName      *string `json:"first_name"`
	LastName       *string `json:"last_name"`
	ImageURL       *string `json:"image_url"`
	PrimaryEmailID *string `json:"primary_email_address_id"`
	Emails         []struct {
		ID      string `json:"id"`
		Address string `json:"email_address"`
	} `json:"email_addresses"`
	Phones []struct {
		Number string `json:"phone_number"`
	} `json:"phone_numbers"`
}

func (u *userShape) doc() core.User {
	return core.User{
		ID: u.ID, Identifier: clean(u.identifier()),
		FirstName: clean(value(u.FirstName)), LastName: clean(value(u.LastName)), ImageURL: clean(value(u.ImageURL)),
	}
}

// identifier is what a person recognises the account by.
func (u *userShape) identifier() string {
	for _, email := range u.Emails {
		if email.ID != "" && email.ID == value(u.PrimaryEmailID) {
			return email.Address
		}
	}
	switch {
	case value(u.Username) != "":
		return *u.Username
	case len(u.Emails) > 0:
		return u.Emails[0].Address
	case len(u.Phones) > 0:
		return u.Phones[0].Number
	default:
		return ""
	}
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
