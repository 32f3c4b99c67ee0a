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

// nobody is served as the picture of people who have none.
const nobody = "person"

// PersonURL is where the picture of a user is served: of somebody without one, a
// head and shoulders. The published components show nobody at all in some places
// without an address, and a broken picture in others.
func PersonURL(base string, u auth.User) string {
	if u.Image == "" {
		return ImageURL(base, nobody)
	}
	return ImageURL(base, u.Image)
}

// IsNobody says whether an image that is asked for is the one of nobody.
func IsNobody(id string) bool { return id == nobody }
