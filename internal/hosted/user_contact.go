package hosted

import (
	"math"
	"strings"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// contactPage proves one address or number.
type contactPage struct {
	userFrame
	Words     contactWords
	Path      string // of the list
	Text      string // what is to be proven
	ID        auth.IdentificationID
	Sent      bool // a code is waited for
	Wait      int  // seconds until another code can be sent
	Removable bool
}

// one is the page of one of a kind.
func (k *contactKind) one() userPage {
	return userPage{
		name: "user_contact", fields: []string{"code"},
		elsewhere: func(a *account) outcome {
			if c, ok := k.find(a); !ok || c.Verified {
				return outcome{to: k.path}
			}
			return outcome{}
		},
		show: func(a *account) (userFramed, error) {
			c, ok := k.find(a)
			if !ok {
				return nil, auth.Refuse(auth.CodeResourceNotFound)
			}
			now := a.p.Now()
			return &contactPage{
				Words: k.words, Path: k.path, Text: c.Text, ID: c.ID,
				Sent: sendsCode(c.proof.Strategy) && c.proof.StatusAt(now) == auth.VerificationUnverified,
				Wait: seconds(c.proof.ResendIn(now)), Removable: c.Removable,
			}, nil
		},
		acts: map[string]userAct{
			"send":   {do: k.sendAct},
			"prove":  {do: k.proveAct},
			"remove": {sensitive: true, do: k.removeAct},
		},
	}
}

// seconds is a duration as people are told to wait for it.
func seconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }

func (k *contactKind) sendAct(a *account) (outcome, error) {
	c, ok := k.find(a)
	if ok && c.Verified { // proven in another tab
		return outcome{to: k.path, said: k.words.saidVerified}, nil
	}
	return outcome{said: "code-sent"}, k.prepare(a.p.Self, a.r.Context(), a.me.ID, c.ID)
}

func (k *contactKind) proveAct(a *account) (outcome, error) {
	c, ok := k.find(a)
	if ok && c.Verified { // the form was sent twice
		return outcome{to: k.path, said: k.words.saidVerified}, nil
	}
	err := k.attempt(a.p.Self, a.r.Context(), a.me.ID, c.ID, a.code())
	return outcome{to: k.path, said: k.words.saidVerified}, err
}

// code is the code of a form, without the spaces and hyphens that it is often
// shown with.
func (a *account) code() string {
	return strings.NewReplacer(" ", "", "-", "").Replace(a.r.PostForm.Get("code"))
}
