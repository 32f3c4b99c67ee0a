package wire

import "encoding/json"

// Envelope wraps most Frontend API answers: the resource asked for and, on
// answers to changes, the whole client as it is afterwards.
type Envelope struct {
	Response any     `json:"response"`
	Client   *Client `json:"client"`
}

// RawEnvelope is [Envelope] as read: the response is decoded by who knows its shape.
type RawEnvelope struct {
	Response json.RawMessage `json:"response"`
	Client   json.RawMessage `json:"client"`
}

// ErrorEnvelope is the published form of every refusal, in both APIs.
type ErrorEnvelope struct {
	Errors  []Error `json:"errors"`
	TraceID string  `json:"clerk_trace_id"`
}

// Error is one reason of a refusal; clients decide by the first one's code.
type Error struct {
	Code        string         `json:"code"`
	Message     string         `json:"message"`
	LongMessage string         `json:"long_message"`
	Meta        map[string]any `json:"meta,omitempty"`
}

// Deleted is the answer to a deletion.
type Deleted struct {
	Object  string `json:"object"`
	ID      string `json:"id"`
	Slug    string `json:"slug,omitempty"`
	Deleted bool   `json:"deleted"`
}

// Token is a session token.
type Token struct {
	Object string `json:"object"` // "token"
	JWT    string `json:"jwt"`
}
