package hosted

import (
	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/internal/user"
)

// picturePath takes the file of a profile picture, which is larger than what
// other forms send.
const picturePath = userPath + "/picture"

// profilePage is what somebody is called and looks like.
type profilePage struct {
	userFrame
	Picture    string
	HasPicture bool
	Upload     string // where a picture is sent
	Fields     []field
}

var userProfile = userPage{
	name: "user_profile", wide: true, fields: []string{"first_name", "last_name", "username", "file"},
	show: func(a *account) (userFramed, error) {
		return &profilePage{
			Picture: respond.PersonURL("", a.me), HasPicture: a.me.Image != "", Upload: picturePath, Fields: a.profileFields(),
		}, nil
	},
	acts: map[string]userAct{"save": {do: saveProfile}, "remove-picture": {do: removePicture}},
}

// profileFields are what the instance wants to know of people.
func (a *account) profileFields() (out []field) {
	set, me := a.p.Settings(), a.me
	for _, f := range []struct {
		use   auth.Use
		field field
	}{
		{set.FirstName, field{Name: "first_name", Label: a.T("user.first_name"), Autocomplete: "given-name", Value: me.FirstName}},
		{set.LastName, field{Name: "last_name", Label: a.T("user.last_name"), Autocomplete: "family-name", Value: me.LastName}},
		{set.Username, field{Name: "username", Label: a.T("user.username"), Autocomplete: "username", Value: me.Username}},
	} {
		if f.use.On() {
			f.field.Type, f.field.Required, f.field.Value = "text", f.use == auth.UseRequired, a.typed(f.field.Name, f.field.Value)
			out = append(out, f.field)
		}
	}
	return out
}

// saveProfile changes only what the page asks for.
func saveProfile(a *account) (outcome, error) {
	var in user.UpdateSelf
	for _, f := range a.profileFields() {
		value := f.Value
		switch f.Name {
		case "first_name":
			in.FirstName = &value
		case "last_name":
			in.LastName = &value
		case "username":
			in.Username = &value
		}
	}
	_, err := a.p.Self.Update(a.r.Context(), a.me.ID, in)
	return outcome{said: "saved"}, err
}

func removePicture(a *account) (outcome, error) {
	_, err := a.p.Self.DeleteImage(a.r.Context(), a.me.ID)
	return outcome{said: "picture-removed"}, err
}

// setPicture takes a profile picture.
func (p *Pages) setPicture(v *visit, who person) error {
	a := &account{visit: v, p: p, session: who.Session, me: who.User}
	if err := a.takePicture(); err != nil {
		return p.showUser(a, userProfile, err)
	}
	p.redirect(v, a.address(outcome{to: userPath + "/profile", said: "picture"}))
	return nil
}

func (a *account) takePicture() error {
	form, err := respond.ReadUpload(a.w, a.r, maxUpload)
	if err != nil {
		return err
	}
	file, _, ok := form.File("file")
	if !ok || len(file) == 0 { // an empty one is what browsers send for none
		return &typingError{"file", "user.picture_missing"}
	}
	contentType, content, err := a.p.Pictures.Encode(a.r.Context(), file)
	if err != nil {
		return err
	}
	_, err = a.p.Self.SetImage(a.r.Context(), a.me.ID, contentType, content)
	return err
}
