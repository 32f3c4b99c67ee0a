package sqlstore

import (
	"context"

	"github.com/perennialauth/perennial/internal/auth"
)

var (
	imageByID   = fixed(`SELECT id, content_type, content, created_at FROM images WHERE id = $1`)
	insertImage = fixed(`INSERT INTO images (id, content_type, content, created_at) VALUES ($1, $2, $3, $4)`)
	deleteImage = fixed(`DELETE FROM images WHERE id = $1`)
)

// Image returns the image with this id.
func (s *Store) Image(ctx context.Context, id auth.ImageID) (out auth.Image, _ error) {
	err := s.read(ctx, "image", func(c *conn) error {
		return found(c.one(imageByID, func(r *row) {
			out = auth.Image{ID: auth.ImageID(r.text()), ContentType: r.text(), Content: r.blob(), CreatedAt: r.instant()}
		}, string(id)))
	})
	return out, err
}

func (c *conn) insertImage(i *auth.Image) error {
	_, err := c.exec(insertImage, string(i.ID), i.ContentType, i.Content, ms(i.CreatedAt))
	return err
}

func (c *conn) deleteImage(id *auth.ImageID) error {
	_, err := c.exec(deleteImage, string(*id))
	return err
}
