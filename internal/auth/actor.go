package auth

import (
	"encoding/json"
)

// Actor is who acts in a session in the place of its user, as the text of the
// JSON object that a back end gave; empty when the user acts.
type Actor string

// maxActor bounds an actor, in bytes of JSON: every token of its session has it.
const maxActor = 1 << 10

// NewActor reads an actor. It names whoever acts in its member "sub". Errors
// have code [CodeParamInvalid] or [CodeParamTooLong].
func NewActor(raw json.RawMessage, param string) (Actor, error) {
	m, err := metadataObject(raw, param)
	if err != nil {
		return "", err
	}
	if sub, ok := m["sub"].(string); !ok || sub == "" {
		return "", RefuseParam(CodeParamInvalid, param)
	}
	out, err := encodeMetadata(m, param)
	if err == nil && len(out) > maxActor {
		err = RefuseParam(CodeParamTooLong, param)
	}
	return Actor(out), err
}

// JSON is the actor as it was given, null for none.
func (a Actor) JSON() json.RawMessage {
	if a == "" {
		return json.RawMessage("null")
	}
	return json.RawMessage(a)
}
