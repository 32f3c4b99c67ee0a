package hosted_test

import (
	"bytes"
	"image"
	"image/png"
	"net/http"
	"strings"
	"testing"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
)

func TestUserProfile(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, func(o *apitest.Options) { o.Settings.Username = auth.UseOptional })
	b, _ := signedIn(t, s)
	b.post("/user/profile", "do", "save", "first_name", "Ada <b>", "last_name", "حسن", "username", "ada_1")
	b.follow("Saved.", `value="Ada &lt;b&gt;"`, `value="ada_1"`)
	b.get("/user")
	b.must(http.StatusOK, "Ada &lt;b&gt; حسن")
	b.post("/user/profile", "do", "save", "first_name", strings.Repeat("x", 300), "last_name", "Y", "username", "ada_1")
	b.must(http.StatusUnprocessableEntity, `id="first_name-problem"`, `value="Y"`)
	b.post("/user/profile", "do", "save", "first_name", "", "last_name", "", "username", "a b!")
	b.must(http.StatusUnprocessableEntity, `id="username-problem"`)
	if doc := b.client(); !strings.Contains(doc, `"first_name":"Ada`) || !strings.Contains(doc, `"username":"ada_1"`) {
		t.Errorf("a refused form changed something: %s", doc)
	}
}

func TestUserPicture(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	b, _ := signedIn(t, s)
	b.upload("/user/picture", "file", nil)
	b.must(http.StatusUnprocessableEntity, "Choose a picture first.", `action="/user/profile"`)
	b.upload("/user/picture", "file", []byte("<svg onload=alert(1)>"))
	b.must(http.StatusUnprocessableEntity, `id="file-problem"`)
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewRGBA(image.Rect(0, 0, 20, 20))); err != nil {
		t.Fatal(err)
	}
	b.upload("/user/picture", "file", file.Bytes())
	b.follow("Your picture is in place.", "Remove picture", `src="/v1/images/img_`)
	b.get("/user/picture") // a reload after a refusal
	b.sentTo("/user/profile")
	b.post("/user/profile", "do", "remove-picture")
	b.follow("Your picture is removed.", `src="/v1/images/person"`)
	b.post("/user/profile", "do", "remove-picture")
	b.follow("Your picture is removed.")
}

func TestUserPassword(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	b, email := signedIn(t, s)
	other := visit(t, s)
	other.signIn("/sign-in", email)
	const next = "another long sentence of mine"
	b.post("/user/password", "do", "change", "current_password", "wrong wrong wrong", "new_password", next)
	b.must(http.StatusUnprocessableEntity, `id="current_password-problem"`)
	b.post("/user/password", "do", "change", "current_password", apitest.Password, "new_password", "short")
	b.must(http.StatusUnprocessableEntity, `id="new_password-problem"`)
	b.lacks(apitest.Password)
	b.post("/user/password", "do", "change", "current_password", apitest.Password, "new_password", next, "sign_out_others", "true")
	b.follow("Your password is changed.")
	other.get("/user")
	other.sentTo("/sign-in?redirect_url=%2Fuser")
	b.post("/user/password", "do", "remove", "present_password", "wrong wrong wrong")
	b.must(http.StatusUnprocessableEntity, `id="present_password-problem"`, `class="more" open`)
	b.post("/user/password", "do", "remove", "present_password", next)
	b.follow("Your password is removed.", "Your account has no password yet.")
	b.post("/user/password", "do", "change", "new_password", apitest.Password)
	b.follow("Your password is changed.")
}

func TestUserDelete(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	b, email := signedIn(t, s)
	b.post("/user/delete", "do", "delete", "word", "no")
	b.must(http.StatusUnprocessableEntity, "That is not the word.")
	b.get("/user")
	b.must(http.StatusOK, email)
	b.post("/user/delete", "do", "delete", "word", " delete ")
	b.sentTo("/user/deleted")
	b.follow("Your account is deleted")
	b.get("/user")
	b.must(http.StatusSeeOther)
	kept := apitest.Start(t, func(o *apitest.Options) { o.Settings.DeleteSelf = false })
	b, email = signedIn(t, kept)
	b.lacks("/user/delete")
	b.get("/user/delete")
	b.sentTo("/user")
	b.post("/user/delete", "do", "delete", "word", "DELETE")
	if b.must(http.StatusUnprocessableEntity); !strings.Contains(b.client(), email) {
		t.Error("deleted where the instance does not allow it")
	}
}
