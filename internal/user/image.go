package user

import (
	"context"
	"io"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

func newImage(contentType string, content []byte, now time.Time, entropy io.Reader) (auth.Image, error) {
	id, err := auth.NewImageID(now, entropy)
	return auth.Image{ID: id, ContentType: contentType, Content: content, CreatedAt: now}, err
}

// imagesOf is what goes with the user or with the next image.
func imagesOf(u auth.User) []auth.ImageID {
	if u.Image == "" {
		return nil
	}
	return []auth.ImageID{u.Image}
}

// SetImage is [Self.SetImage] for whoever holds the secret key.
func (a *Admin) SetImage(ctx context.Context, id auth.UserID, contentType string, content []byte) (Account, error) {
	image, err := newImage(contentType, content, a.Now(), a.Entropy)
	if err != nil {
		return Account{}, err
	}
	return a.change(ctx, id, func(u auth.User, _ time.Time) (auth.User, auth.Change, error) {
		change := auth.Change{Images: []auth.Image{image}, DeletedImages: imagesOf(u)}
		u.Image = image.ID
		return u, change, nil
	})
}

// DeleteImage is [Self.DeleteImage] for whoever holds the secret key.
func (a *Admin) DeleteImage(ctx context.Context, id auth.UserID) (Account, error) {
	return a.change(ctx, id, func(u auth.User, _ time.Time) (auth.User, auth.Change, error) {
		change := auth.Change{DeletedImages: imagesOf(u)}
		u.Image = ""
		return u, change, nil
	})
}
