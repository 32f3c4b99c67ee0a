package respond

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/perennialauth/perennial/internal/auth"
)

// Limits of a request body. They bound memory and work before any handler runs.
const (
	MaxBody   = 1 << 20 // bytes
	maxFields = 1000    // names plus repetitions
	maxDepth  = 32      // nesting of JSON
)

// Body reads the whole request body, at most [MaxBody] bytes. The error is
// an [*auth.Error] of code request_body_too_large or request_body_invalid.
func Body(w http.ResponseWriter, r *http.Request) ([]byte, error) { return bodyUpTo(w, r, MaxBody) }

func bodyUpTo(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, auth.Refuse(auth.CodeBodyTooLarge)
	case err != nil:
		// The connection broke or was too slow: no verdict about its content.
		return nil, &auth.Error{Code: auth.CodeBodyInvalid, Cause: err}
	}
	return body, nil
}

// Read reads the request body as a form. It accepts what the published SDKs
// send: url-encoded and multipart forms, JSON objects, the body "null", no
// body at all, and a bare file as application/octet-stream. Without a content
// type the first byte decides, as some clients send none.
func Read(w http.ResponseWriter, r *http.Request) (*Form, error) { return readUpTo(w, r, MaxBody) }

// ReadUpload is [Read] for the few requests that carry a file, whose body may
// have up to limit bytes.
func ReadUpload(w http.ResponseWriter, r *http.Request, limit int64) (*Form, error) {
	return readUpTo(w, r, limit)
}

func readUpTo(w http.ResponseWriter, r *http.Request, limit int64) (*Form, error) {
	body, err := bodyUpTo(w, r, limit)
	if err != nil {
		return nil, err
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return newForm(), nil
	}
	header := r.Header.Get("Content-Type")
	kind, params, err := mime.ParseMediaType(header)
	switch {
	case header == "" || kind == "text/plain":
		kind = sniff(body)
	case err != nil:
		return nil, auth.Refuse(auth.CodeContentTypeInvalid)
	}
	switch {
	case kind == "application/x-www-form-urlencoded":
		return parseURLEncoded(string(body))
	case kind == "application/json" || strings.HasSuffix(kind, "+json"):
		return parseJSON(body)
	case kind == "multipart/form-data":
		return parseMultipart(body, params["boundary"])
	case kind == "application/octet-stream":
		f := newForm()
		f.files["file"] = file{content: body, kind: kind}
		return f, nil
	default:
		return nil, auth.Refuse(auth.CodeContentTypeInvalid)
	}
}

// Query returns the query parameters in the same reader as a body. Malformed
// pairs are dropped, as browsers and proxies add their own.
func Query(r *http.Request) *Form {
	f := newForm()
	values, _ := url.ParseQuery(r.URL.RawQuery)
	for name, texts := range values {
		f.fields[name] = field{texts: texts}
	}
	return f
}

func sniff(body []byte) string {
	switch bytes.TrimSpace(body)[0] {
	case '{', '[', 'n':
		if json.Valid(body) {
			return "application/json"
		}
	}
	return "application/x-www-form-urlencoded"
}

func parseURLEncoded(body string) (*Form, error) {
	// Counted before parsing: the parser would build a map of a million keys.
	if strings.Count(body, "&") >= maxFields {
		return nil, auth.Refuse(auth.CodeBodyTooLarge)
	}
	values, err := url.ParseQuery(body)
	if err != nil {
		return nil, &auth.Error{Code: auth.CodeBodyInvalid, Cause: err}
	}
	f := newForm()
	for name, texts := range values {
		f.fields[name] = field{texts: texts}
	}
	return f, nil
}

func parseJSON(body []byte) (*Form, error) {
	if err := checkJSON(body); err != nil {
		return nil, err
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(body, &members); err != nil {
		return nil, &auth.Error{Code: auth.CodeBodyInvalid, Cause: err}
	}
	f := newForm()
	for name, raw := range members { // null leaves none
		f.fields[name] = field{json: raw}
	}
	return f, nil
}

// checkJSON refuses what would be accepted silently otherwise: invalid UTF-8
// (the decoder replaces it, so two texts would become equal), NUL characters
// (databases cut or refuse them), and nesting or sizes that only an attacker sends.
func checkJSON(body []byte) error {
	if !utf8.Valid(body) {
		return &auth.Error{Code: auth.CodeBodyInvalid, Cause: errors.New("not UTF-8")}
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	depth, tokens := 0, 0
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return &auth.Error{Code: auth.CodeBodyInvalid, Cause: err}
		}
		tokens++
		switch t := token.(type) {
		case json.Delim:
			if t == '{' || t == '[' {
				depth++
			} else {
				depth--
			}
		case string:
			if strings.ContainsRune(t, 0) {
				return &auth.Error{Code: auth.CodeBodyInvalid, Cause: errors.New("NUL character")}
			}
		}
		if depth > maxDepth || tokens > 100*maxFields {
			return auth.Refuse(auth.CodeBodyTooLarge)
		}
	}
}

func parseMultipart(body []byte, boundary string) (*Form, error) {
	f, bad := newForm(), func(err error) error { return &auth.Error{Code: auth.CodeBodyInvalid, Cause: err} }
	if boundary == "" {
		return nil, bad(errors.New("no boundary"))
	}
	reader := multipart.NewReader(bytes.NewReader(body), boundary)
	for parts := 0; ; parts++ {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			return f, nil
		}
		if err != nil {
			return nil, bad(err)
		}
		if parts >= maxFields {
			return nil, auth.Refuse(auth.CodeBodyTooLarge)
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return nil, bad(err)
		}
		if part.FileName() != "" {
			f.files[part.FormName()] = file{content: content, kind: part.Header.Get("Content-Type")}
			continue
		}
		have := f.fields[part.FormName()]
		have.texts = append(have.texts, string(content))
		f.fields[part.FormName()] = have
	}
}
