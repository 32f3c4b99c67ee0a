package wire_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// A recording holds what one SDK said to a server and was told, in order.
// Whatever differed from run to run is a name in braces: the same value has the
// same name throughout.
type recording struct {
	SDK       string     `json:"sdk"`
	Exchanges []exchange `json:"exchanges"`
}

type exchange struct {
	Request  recordedRequest   `json:"request"`
	Response *recordedResponse `json:"response"`
	SameAs   int               `json:"same_as"` // the exchange with this answer, without a response
}

type recordedRequest struct {
	Method  string            `json:"method"`
	Path    string            `json:"path"`
	Query   fields            `json:"query"`
	Headers map[string]string `json:"headers"`
	Form    fields            `json:"form"`
	JSON    json.RawMessage   `json:"json"`
	Text    string            `json:"text"`
}

type recordedResponse struct {
	Status  int            `json:"status"`
	Headers map[string]any `json:"headers"`
	Body    any            `json:"body"` // JSON; a page for people is not compared
}

// fields are query or form fields: one value, or several.
type fields map[string]any

func (f fields) values() url.Values {
	all := url.Values{}
	for name, value := range f {
		switch value := value.(type) {
		case string:
			all.Add(name, value)
		case []any:
			for _, each := range value {
				all.Add(name, each.(string))
			}
		}
	}
	return all
}

func readRecordings() (map[string]recording, error) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil {
		return nil, err
	}
	all := map[string]recording{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		var r recording
		if err := json.Unmarshal(text, &r); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		for i, e := range r.Exchanges {
			if e.Response == nil {
				r.Exchanges[i].Response = r.Exchanges[e.SameAs].Response
			}
		}
		all[strings.TrimSuffix(filepath.Base(file), ".json")] = r
	}
	return all, nil
}

var name = regexp.MustCompile(`\{([a-z_]+?)(?:_(\d+))?\}`)

// bindings map the names of a recording to the values of this run.
type bindings struct {
	values map[string]string
	// code answers the newest code that was sent: a recording names a code before
	// this run has seen it.
	code func() (string, error)
}

// fill replaces every name in a text of the recording by its value.
func (b *bindings) fill(text string) (string, error) {
	var failure error
	filled := name.ReplaceAllStringFunc(text, func(found string) string {
		if value, ok := b.values[found]; ok {
			return value
		}
		if !strings.HasPrefix(found, "{code_") {
			failure = fmt.Errorf("%s is used before any answer had it", found)
			return found
		}
		value, err := b.code()
		if err != nil {
			failure = err
		}
		b.values[found] = value
		return value
	})
	return filled, failure
}

// fillFields fills names in query and form values.
func (b *bindings) fillFields(f fields) (string, error) {
	all := f.values()
	for _, values := range all {
		for i := range values {
			filled, err := b.fill(values[i])
			if err != nil {
				return "", err
			}
			values[i] = filled
		}
	}
	return all.Encode(), nil
}

// request builds the request of this run.
func (b *bindings) request(r recordedRequest) (*http.Request, error) {
	path, err := b.fill(r.Path)
	if err != nil {
		return nil, err
	}
	query, err := b.fillFields(r.Query)
	if err != nil {
		return nil, err
	}
	body, err := b.body(r)
	if err != nil {
		return nil, err
	}
	target := &url.URL{Scheme: "http", Host: b.values["{host}"], Path: path, RawQuery: query}
	request := httptest.NewRequest(r.Method, target.String(), strings.NewReader(body))
	request.RemoteAddr = "127.0.0.1:1" // which sessions show
	for header, value := range r.Headers {
		filled, err := b.fill(value)
		if err != nil {
			return nil, err
		}
		request.Header.Set(header, filled)
	}
	return request, nil
}

func (b *bindings) body(r recordedRequest) (string, error) {
	switch {
	case r.Form != nil:
		return b.fillFields(r.Form)
	case r.JSON != nil:
		return b.fill(string(r.JSON))
	default:
		return b.fill(r.Text)
	}
}
