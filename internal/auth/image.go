package auth

import "time"

// Image is a picture of a user or an organization as it is served: decoded and
// encoded again here, so that nothing of the uploaded file is left but pixels.
type Image struct {
	ID          ImageID
	ContentType string // image/png or image/jpeg
	Content     []byte
	CreatedAt   time.Time
}

// HasImage says whether the user has a profile image.
func (u User) HasImage() bool { return u.Image != "" }
