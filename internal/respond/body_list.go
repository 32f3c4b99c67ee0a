package respond

import (
	"bytes"
	"encoding/json"
	"net/http"

	"github.com/perennialauth/perennial/internal/auth"
)

// ReadList reads a request body that is a JSON array of objects, each as a form.
// Reasons to refuse are as from [Read].
func ReadList(w http.ResponseWriter, r *http.Request) ([]*Form, error) {
	body, err := Body(w, r)
	if err != nil {
		return nil, err
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, nil
	}
	if err := checkJSON(body); err != nil {
		return nil, err
	}
	var elements []json.RawMessage
	if err := json.Unmarshal(body, &elements); err != nil {
		return nil, &auth.Error{Code: auth.CodeBodyInvalid, Cause: err}
	}
	out := make([]*Form, 0, len(elements))
	for _, e := range elements {
		f, err := parseJSON(e)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}
