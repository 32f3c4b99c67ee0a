package hosted

import (
	"net/http"
	"strings"
)

// deletePage deletes an account.
type deletePage struct {
	userFrame
	Word string // to be typed, so that nobody does it by mistake
}

// deletedPage is what is left then.
type deletedPage struct {
	frame
	SignIn string
}

const deletedPath = userPath + "/deleted"

var userDelete = userPage{
	name: "user_delete", wide: true,
	elsewhere: func(a *account) outcome {
		if !a.p.Settings().MayDeleteSelf(a.me) {
			return outcome{to: userPath}
		}
		return outcome{}
	},
	show: func(a *account) (userFramed, error) { return &deletePage{Word: a.T("user.delete_word")}, nil },
	acts: map[string]userAct{"delete": {sensitive: true, do: deleteAccount}},
}

func deleteAccount(a *account) (outcome, error) {
	if typed := strings.TrimSpace(a.r.PostForm.Get("word")); !strings.EqualFold(typed, a.T("user.delete_word")) {
		return outcome{}, &typingError{"word", "user.delete_wrong"}
	}
	if err := a.p.Self.Delete(a.r.Context(), a.me.ID); err != nil {
		return outcome{}, err
	}
	return outcome{to: deletedPath}, a.p.reload(a.visit)
}

// deleted says that an account is gone, to whoever comes.
func (p *Pages) deleted(w http.ResponseWriter, r *http.Request) {
	p.render(&visit{w: w, r: r}, http.StatusOK, "user_deleted", &deletedPage{SignIn: signInPath})
}
