package respond

import (
	"encoding/json"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// OrNull is null for the empty text: the published documents say "none" so.
func OrNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// Millis is the instant in milliseconds since the Unix epoch, null for the zero
// time.
func Millis(t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	ms := t.UnixMilli()
	return &ms
}

// Object is never null: some published decoders need an object.
func Object(raw json.RawMessage) json.RawMessage {
	if len(raw) == 0 {
		return json.RawMessage("{}")
	}
	return raw
}

// ImageURL is where an image is served below the base of the Frontend API,
// empty for none.
func ImageURL(base string, id auth.ImageID) string {
	if id == "" {
		return ""
	}
	return base + "/v1/images/" + string(id)
}
