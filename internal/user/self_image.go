package user

import (
	"context"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// SetImage makes a picture, checked and encoded by the caller, the profile
// image of the user. The one before is deleted with the same commit.
func (s *Self) SetImage(ctx context.Context, id auth.UserID, contentType string, content []byte) (auth.Image, error) {
	image, err := newImage(contentType, content, s.Now(), s.Entropy)
	if err != nil {
		return image, err
	}
	_, err = s.change(ctx, id, func(u auth.User, _ time.Time) (auth.User, auth.Change, error) {
		change := auth.Change{Images: []auth.Image{image}, DeletedImages: imagesOf(u)}
		u.Image = image.ID
		return u, change, nil
	})
	return image, err
}

// DeleteImage leaves the user without a profile image and says which one it
// was; none is fine.
func (s *Self) DeleteImage(ctx context.Context, id auth.UserID) (gone auth.ImageID, err error) {
	_, err = s.change(ctx, id, func(u auth.User, _ time.Time) (auth.User, auth.Change, error) {
		change := auth.Change{DeletedImages: imagesOf(u)}
		gone, u.Image = u.Image, ""
		return u, change, nil
	})
	return gone, err
}
