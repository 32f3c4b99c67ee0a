package backendapi

import (
	"context"
	"net/http"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
)

// Pictures checks an uploaded file and makes of it what is served. It bounds
// the memory that all callers together take.
type Pictures interface {
	Encode(ctx context.Context, file []byte) (contentType string, content []byte, err error)
}

// maxUpload is the largest body that carries a picture, in bytes.
const maxUpload = 16 << 20

// uploaded is the picture in the member "file" of the body, checked and made
// small.
func (a *API) uploaded(w http.ResponseWriter, r *http.Request) (contentType string, content []byte, err error) {
	form, err := respond.ReadUpload(w, r, maxUpload)
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
	return a.Pictures.Encode(r.Context(), file)
}
