package frontendapi

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/picture"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/wire"
)

// Images finds images; absent ones are [auth.ErrNotFound].
type Images interface {
	Image(ctx context.Context, id auth.ImageID) (auth.Image, error)
}

// Pictures turn an uploaded file into what may be served. Refusals have the
// codes [auth.CodeImageInvalid] and [auth.CodeImageTooLarge].
type Pictures interface {
	Encode(ctx context.Context, file []byte) (contentType string, content []byte, err error)
}

// maxUpload has room for a file as text and what surrounds it.
const maxUpload = picture.MaxUpload*4/3 + 4096

// setMyImage takes the profile image as a file of a form or as the whole body.
func (a *API) setMyImage(c *call) error {
	_, me, err := a.acting(c)
	if err != nil {
		return err
	}
	contentType, content, err := a.uploaded(c)
	if err != nil {
		return err
	}
	image, err := a.Self.SetImage(c.r.Context(), me.ID, contentType, content)
	if err != nil {
		return err
	}
	return a.answer(c, wire.Image{
		Object: "image", ID: string(image.ID), Name: string(image.ID), PublicURL: respond.ImageURL(a.PublicURL, image.ID),
	})
}

// uploaded is the picture in the member "file" of the body, checked and made
// small.
func (a *API) uploaded(c *call) (contentType string, content []byte, err error) {
	if err := a.limit(c); err != nil {
		return "", nil, err
	}
	form, err := respond.ReadUpload(c.w, c.r, maxUpload)
	if err != nil {
		return "", nil, err
	}
	file, _, ok := form.File("file")
	if !ok {
		text := form.String("file") // a data URL
		if file = []byte(text); text == "" {
			return "", nil, auth.RefuseParam(auth.CodeParamMissing, "file")
		}
	}
	return a.Pictures.Encode(c.r.Context(), file)
}

func (a *API) deleteMyImage(c *call) error {
	_, me, err := a.acting(c)
	if err != nil {
		return err
	}
	gone, err := a.Self.DeleteImage(c.r.Context(), me.ID)
	if err != nil {
		return err
	}
	return a.answer(c, wire.Deleted{Object: "image", ID: string(gone), Deleted: true})
}

// getImage serves an image to anybody who knows its id, which nobody can
// guess. What is behind an id never changes. Pages of other sites may show it;
// nothing may run it.
func (a *API) getImage(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("image_id")
	if respond.IsNobody(id) {
		showImage(w, picture.PersonType, picture.Person())
		return
	}
	if !auth.ValidID("img", id) {
		respond.NotFound(w, r)
		return
	}
	image, err := a.Images.Image(r.Context(), auth.ImageID(id))
	switch {
	case errors.Is(err, auth.ErrNotFound):
		respond.NotFound(w, r)
		return
	case err != nil:
		respond.Error(w, r, err)
		return
	}
	showImage(w, image.ContentType, image.Content)
}

// showImage writes an image, which never changes under its address.
func showImage(w http.ResponseWriter, contentType string, content []byte) {
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Length", strconv.Itoa(len(content)))
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Content-Disposition", "inline")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	_, _ = w.Write(content) // a client that went away cannot be told anything
}
