package frontendapi_test

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/perennialauth/perennial/internal/apitest"
)

// picture is a PNG of this size.
func picture(t *testing.T, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewRGBA(image.Rect(0, 0, w, h))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// upload is a file as a form carries it.
func upload(t *testing.T, content []byte) apitest.Request {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	part, err := w.CreateFormFile("file", "me.png")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write(content)
	_ = w.Close()
	return apitest.Request{Method: "POST", Path: "/v1/me/profile_image", Body: body.String(), ContentType: w.FormDataContentType()}
}

// served asks for an image as a browser does: without any credential.
func served(s *apitest.Server, address string) *http.Response {
	u, _ := url.Parse(address)
	rec := httptest.NewRecorder()
	s.Handler.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, u.Path, nil))
	return rec.Result()
}

func TestProfileImage(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	a := nativeApp(s)
	a.signUp(t, "a@example.com")
	first := a.Send(t, upload(t, picture(t, 20, 20))).OK(t).Text("response", "public_url")
	me := a.must(t, "GET", "/v1/me", nil)
	if me.text("response.image_url") != first || me.at("response.has_image") != true || me.text("client.sessions.0.public_user_data.image_url") != first {
		t.Errorf("the user does not show %s: %v", first, me)
	}
	got := served(s, first)
	for name, want := range map[string]string{
		"Content-Type": "image/png", "X-Content-Type-Options": "nosniff", "Cache-Control": "public, max-age=31536000, immutable",
		"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
	} {
		if got.StatusCode != 200 || got.Header.Get(name) != want {
			t.Errorf("%d %s: %q, want %q", got.StatusCode, name, got.Header.Get(name), want)
		}
	}
	bare := apitest.Request{Method: "POST", Path: "/v1/me/profile_image", ContentType: "application/octet-stream",
		Body: "data:image/png;base64," + base64.StdEncoding.EncodeToString(picture(t, 5, 5))}
	second := a.Send(t, bare).OK(t).Text("response", "public_url")
	if second == first || served(s, first).StatusCode != http.StatusNotFound || served(s, second).StatusCode != http.StatusOK {
		t.Errorf("the first image is still there, or the second is not: %s %s", first, second)
	}
	a.must(t, "DELETE", "/v1/me/profile_image", nil)
	if served(s, second).StatusCode != http.StatusNotFound || a.must(t, "GET", "/v1/me", nil).at("response.has_image") != false {
		t.Error("the image is still there")
	}
	third := a.Send(t, upload(t, picture(t, 5, 5))).OK(t).Text("response", "public_url")
	a.must(t, "DELETE", "/v1/me", nil)
	if served(s, third).StatusCode != http.StatusNotFound {
		t.Error("the image outlives its user")
	}
}

func TestProfileImageRefusals(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	a := nativeApp(s)
	a.signUp(t, "a@example.com")
	bare := func(body string) apitest.Request {
		return apitest.Request{Method: "POST", Path: "/v1/me/profile_image", ContentType: "application/octet-stream", Body: body}
	}
	a.Run(t, []apitest.Scenario{
		{Name: "no file", Request: post("/v1/me/profile_image", "name", "x"), Status: 422, Code: "form_param_missing", Param: "file"},
		{Name: "a text", Request: upload(t, []byte("hello")), Status: 422, Code: "image_invalid"},
		{Name: "a page", Request: upload(t, []byte("<html><script>alert(1)</script>")), Status: 422, Code: "image_invalid"},
		{Name: "an SVG", Request: bare(`<svg xmlns="http://www.w3.org/2000/svg"/>`), Status: 422, Code: "image_invalid"},
		{Name: "too large", Request: bare(strings.Repeat("x", 15<<20)), Status: 413, Code: "request_body_too_large"},
	})
	nobody := nativeApp(s)
	if got := nobody.Send(t, upload(t, picture(t, 5, 5))); got.Status != 401 {
		t.Errorf("without a session: %d", got.Status)
	}
	for _, path := range []string{"/v1/images/img_x", "/v1/images/..", "/v1/images/img_%2e%2e"} {
		if got := served(s, path); got.StatusCode != http.StatusNotFound || got.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: %d %s", path, got.StatusCode, got.Header.Get("Content-Type"))
		}
	}
}

// TestOwnMetadataIsBounded: anybody can sign up and write some.
func TestOwnMetadataIsBounded(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	a := nativeApp(s)
	a.signUp(t, "a@example.com")
	large := `{"x":"` + strings.Repeat("y", 9000) + `"}`
	a.refused(t, "PATCH", "/v1/me", form("unsafe_metadata", large), 422, "form_param_max_length_exceeded")
	a.refused(t, "PATCH", "/v1/me/metadata", form("unsafe_metadata", large), 422, "form_param_max_length_exceeded")
	nativeApp(s).refused(t, "POST", "/v1/client/sign_ups", form("email_address", "b@example.com", "unsafe_metadata", large),
		422, "form_param_max_length_exceeded")
	// Many small steps end at the same bound.
	part := `":"` + strings.Repeat("y", 3000) + `"}`
	a.must(t, "PATCH", "/v1/me/metadata", form("unsafe_metadata", `{"a`+part))
	a.must(t, "PATCH", "/v1/me/metadata", form("unsafe_metadata", `{"b`+part))
	a.refused(t, "PATCH", "/v1/me/metadata", form("unsafe_metadata", `{"c`+part), 422, "form_param_max_length_exceeded")
}

// The published components show a broken picture of somebody who has none, or no
// picture at all.
func TestPictureOfNobody(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	a := nativeApp(s)
	a.signUp(t, "a@example.com")
	me := a.must(t, "GET", "/v1/me", nil)
	address := me.text("response.image_url")
	if me.at("response.has_image") != false || address != me.text("client.sessions.0.public_user_data.image_url") {
		t.Errorf("without a picture: %v", me)
	}
	if got := served(s, address); got.StatusCode != http.StatusOK || got.Header.Get("Content-Type") != "image/png" {
		t.Errorf("%s: %d %s", address, got.StatusCode, got.Header.Get("Content-Type"))
	}
}
