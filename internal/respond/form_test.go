package respond_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
)

const (
	formType = "application/x-www-form-urlencoded"
	jsonType = "application/json"
)

func post(contentType, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/v1/x", strings.NewReader(body))
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	return r
}

func mustRead(t testing.TB, r *http.Request) *respond.Form {
	t.Helper()
	f, err := respond.Read(httptest.NewRecorder(), r)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func multipartBody(t testing.TB) (contentType, body string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, err := range []error{w.WriteField("s", "text"), w.WriteField("l", "a"), w.WriteField("l", "b"), w.WriteField("n", "7")} {
		if err != nil {
			t.Fatal(err)
		}
	}
	part, err := w.CreateFormFile("file", "a.png")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write([]byte("\x89PNG")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), b.String()
}

// The same parameters must read alike however they were encoded.
func TestEveryEncodingReadsAlike(t *testing.T) {
	t.Parallel()
	mType, mBody := multipartBody(t)
	for name, r := range map[string]*http.Request{
		"form":                  post(formType, "s=text&l=a&l=b&n=7"),
		"form with charset":     post(formType+"; charset=UTF-8", "s=text&l=a&l=b&n=7"),
		"form, brackets":        post(formType, "s=text&l[]=a&l[]=b&n=7"),
		"form without a type":   post("", "s=text&l=a&l=b&n=7"),
		"json":                  post(jsonType, `{"s":"text","l":["a","b"],"n":7}`),
		"json with charset":     post(jsonType+"; charset=utf-8", `{"s":"text","l":["a","b"],"n":7}`),
		"json without a type":   post("", ` {"s":"text","l":["a","b"],"n":7}`),
		"json as text/plain":    post("text/plain", `{"s":"text","l":["a","b"],"n":7}`),
		"vendor json":           post("application/merge-patch+json", `{"s":"text","l":["a","b"],"n":7}`),
		"multipart":             post(mType, mBody),
		"repeated, last counts": post(formType, "s=first&s=text&l=a&l=b&n=7"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := mustRead(t, r)
			if got := f.String("s"); got != "text" {
				t.Errorf("s = %q", got)
			}
			if d := cmp.Diff([]string{"a", "b"}, f.Strings("l")); d != "" {
				t.Errorf("l mismatch (-want +got):\n%s", d)
			}
			if got := f.Int("n", 0); got != 7 {
				t.Errorf("n = %d", got)
			}
			if err := f.Err(); err != nil {
				t.Errorf("Err = %v", err)
			}
		})
	}
}

func TestNothingSentIsAnEmptyForm(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]*http.Request{
		"no body":              post("", ""),
		"no body but a type":   post(jsonType, ""),
		"null from Go clients": post(jsonType, "null"),
		"white space":          post(formType, " \n"),
		"empty object":         post(jsonType, "{}"),
		"form null":            post("", "null"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := mustRead(t, r)
			if len(f.Keys()) != 0 || f.String("x") != "" || f.Optional("x") != nil || f.Err() != nil {
				t.Errorf("keys %v, err %v", f.Keys(), f.Err())
			}
		})
	}
}

func TestMalformedBodies(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40)
	tests := []struct {
		name, contentType, body string
		want                    auth.Code
	}{
		{"cut json", jsonType, `{"a":`, auth.CodeBodyInvalid},
		{"trailing json", jsonType, `{} {}`, auth.CodeBodyInvalid},
		{"json array", jsonType, `[1]`, auth.CodeBodyInvalid},
		{"json string", jsonType, `"x"`, auth.CodeBodyInvalid},
		{"json invalid utf-8", jsonType, "{\"a\":\"\xff\"}", auth.CodeBodyInvalid},
		{"json nul", jsonType, `{"a":"\u0000"}`, auth.CodeBodyInvalid},
		{"json nested nul", jsonType, `{"a":{"b":["\u0000"]}}`, auth.CodeBodyInvalid},
		{"json too deep", jsonType, deep, auth.CodeBodyTooLarge},
		{"bad escape", formType, "a=%zz", auth.CodeBodyInvalid},
		{"semicolon", formType, "a=1;b=2", auth.CodeBodyInvalid},
		{"too many fields", formType, strings.Repeat("a=1&", 2000), auth.CodeBodyTooLarge},
		{"too large form", formType, "a=" + strings.Repeat("x", respond.MaxBody), auth.CodeBodyTooLarge},
		{"too large json", jsonType, `{"a":"` + strings.Repeat("x", respond.MaxBody) + `"}`, auth.CodeBodyTooLarge},
		{"multipart without boundary", "multipart/form-data", "x", auth.CodeBodyInvalid},
		{"cut multipart", "multipart/form-data; boundary=b", "--b\r\nContent-Dis", auth.CodeBodyInvalid},
		{"content type that is none", "/;;;", "a=1", auth.CodeContentTypeInvalid},
		{"xml", "application/xml", "<a/>", auth.CodeContentTypeInvalid},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := respond.Read(httptest.NewRecorder(), post(tt.contentType, tt.body))
			if !errors.Is(err, auth.Refuse(tt.want)) {
				t.Errorf("err = %v, want %s", err, tt.want)
			}
		})
	}
}

func TestWrongTypesNameTheParameter(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, contentType, body string
		read                    func(*respond.Form)
		want                    auth.Code
	}{
		{"number for text", jsonType, `{"p":1}`, func(f *respond.Form) { f.String("p") }, auth.CodeParamInvalid},
		{"object for text", jsonType, `{"p":{}}`, func(f *respond.Form) { f.String("p") }, auth.CodeParamInvalid},
		{"list for text", jsonType, `{"p":["a"]}`, func(f *respond.Form) { f.String("p") }, auth.CodeParamInvalid},
		{"text for bool", jsonType, `{"p":"true"}`, func(f *respond.Form) { f.Bool("p") }, auth.CodeParamInvalid},
		{"word for bool", formType, `p=yes`, func(f *respond.Form) { f.Bool("p") }, auth.CodeParamInvalid},
		{"fraction for int", jsonType, `{"p":1.5}`, func(f *respond.Form) { f.Int("p", 0) }, auth.CodeParamInvalid},
		{"text for int", jsonType, `{"p":"1"}`, func(f *respond.Form) { f.Int("p", 0) }, auth.CodeParamInvalid},
		{"word for int", formType, `p=x`, func(f *respond.Form) { f.Int("p", 0) }, auth.CodeParamInvalid},
		{"huge int", formType, `p=99999999999999999999`, func(f *respond.Form) { f.Int("p", 0) }, auth.CodeParamInvalid},
		{"numbers in list", jsonType, `{"p":[1]}`, func(f *respond.Form) { f.Strings("p") }, auth.CodeParamInvalid},
		{"null in list", jsonType, `{"p":["a",null]}`, func(f *respond.Form) { f.Strings("p") }, auth.CodeParamInvalid},
		{"text for object", jsonType, `{"p":"x"}`, func(f *respond.Form) { f.Object("p") }, auth.CodeParamInvalid},
		{"list for object", formType, `p=[1]`, func(f *respond.Form) { f.Object("p") }, auth.CodeParamInvalid},
		{"no json for object", formType, `p={x`, func(f *respond.Form) { f.Object("p") }, auth.CodeParamFormatInvalid},
		{"missing", formType, `q=1`, func(f *respond.Form) { f.Required("p") }, auth.CodeParamMissing},
		{"empty", formType, `p=`, func(f *respond.Form) { f.Required("p") }, auth.CodeParamNil},
		{"null", jsonType, `{"p":null}`, func(f *respond.Form) { f.Required("p") }, auth.CodeParamNil},
		{"invalid utf-8", formType, `p=%ff`, func(f *respond.Form) { f.String("p") }, auth.CodeParamFormatInvalid},
		{"nul", formType, `p=a%00b`, func(f *respond.Form) { f.String("p") }, auth.CodeParamFormatInvalid},
		{"nul in list", formType, `p=a&p=%00`, func(f *respond.Form) { f.Strings("p") }, auth.CodeParamFormatInvalid},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := mustRead(t, post(tt.contentType, tt.body))
			tt.read(f)
			tt.read(f) // a second look must not double the reason
			var e *auth.Error
			if err := f.Err(); !errors.As(err, &e) || e.Code != tt.want || e.Param != "p" {
				t.Errorf("Err = %v, want %s (p)", err, tt.want)
			}
		})
	}
}

func TestAbsentEmptyAndNull(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]*respond.Form{
		"form": mustRead(t, post(formType, "empty=")),
		"json": mustRead(t, post(jsonType, `{"empty":null}`)),
	} {
		if f.Optional("absent") != nil || f.Has("absent") || f.OptionalBool("absent") != nil || f.OptionalInt("absent") != nil {
			t.Errorf("%s: absent parameter found", name)
		}
		if s := f.Optional("empty"); s == nil || *s != "" || !f.Has("empty") {
			t.Errorf("%s: empty parameter = %v", name, s)
		}
		if f.OptionalBool("empty") != nil || f.OptionalInt("empty") != nil {
			t.Errorf("%s: empty parameter is a value", name)
		}
		if raw, ok := f.Object("empty"); !ok || string(raw) != "{}" {
			t.Errorf("%s: empty object = %s, %v", name, raw, ok)
		}
		if _, ok := f.Object("absent"); ok {
			t.Errorf("%s: absent object present", name)
		}
		if f.Err() != nil {
			t.Errorf("%s: %v", name, f.Err())
		}
	}
}

func TestObjectInBothForms(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]*respond.Form{
		"form": mustRead(t, post(formType, `m=%7B%22a%22%3A+1%7D`)),
		"json": mustRead(t, post(jsonType, `{"m": {"a": 1}}`)),
	} {
		raw, ok := f.Object("m")
		if !ok || string(raw) != `{"a":1}` {
			t.Errorf("%s: %s, %v, %v", name, raw, ok, f.Err())
		}
	}
}

func TestFileUploads(t *testing.T) {
	t.Parallel()
	mType, mBody := multipartBody(t)
	for name, r := range map[string]*http.Request{
		"multipart": post(mType, mBody), "octet-stream": post("application/octet-stream", "\x89PNG"),
	} {
		content, _, ok := mustRead(t, r).File("file")
		if !ok || string(content) != "\x89PNG" {
			t.Errorf("%s: %q, %v", name, content, ok)
		}
	}
}

func TestQueryLists(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest(http.MethodGet, "/v1/users?id=a,b&id=c&bad=%zz&id[]=d&limit=3", nil)
	f := respond.Query(r)
	if d := cmp.Diff([]string{"a", "b", "c", "d"}, f.CommaList("id")); d != "" {
		t.Errorf("mismatch (-want +got):\n%s", d)
	}
	if f.Int("limit", 10) != 3 || f.Int("offset", 10) != 10 {
		t.Error("limit or offset wrong")
	}
}

// FuzzRead proves that no body panics a reader, and that whatever is accepted
// is clean text within the limits.
func FuzzRead(f *testing.F) {
	mType, mBody := multipartBody(f)
	for _, seed := range [][2]string{
		{formType, "a=1&a=2&b=%7B%7D"}, {jsonType, `{"a":"x","b":{"c":[1,null]}}`}, {jsonType, "null"},
		{mType, mBody}, {"", "a=%00"}, {"text/plain", "{"}, {"multipart/form-data; boundary=", "--\r\n"},
		{"application/octet-stream", "\x00"}, {"a/b; x", "[[["}, {jsonType, `{"a":"\ud800"}`},
	} {
		f.Add(seed[0], []byte(seed[1]))
	}
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
		r.Header["Content-Type"] = []string{contentType}
		form, err := respond.Read(httptest.NewRecorder(), r)
		if err != nil {
			var e *auth.Error
			if !errors.As(err, &e) {
				t.Fatalf("untyped error %v", err)
			}
			return
		}
		for _, key := range form.Keys() {
			if s := form.String(key); strings.ContainsRune(s, 0) {
				t.Fatalf("NUL in %q", s)
			}
			if raw, ok := form.Object(key); ok && raw != nil && !json.Valid(raw) {
				t.Fatalf("object %q is not JSON", raw)
			}
			_, _, _, _ = form.Bool(key), form.Int(key, 0), form.Strings(key), form.CommaList(key)
		}
		_ = form.Err()
	})
}
