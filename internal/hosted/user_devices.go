package hosted

import (
	"strings"

	"github.com/perennialauth/perennial/internal/auth"
)

// devicesPage lists where somebody is signed in.
type devicesPage struct {
	userFrame
	Devices []deviceRow
	Others  bool // somewhere else than here, too
}

// deviceRow is one session.
type deviceRow struct {
	ID   auth.SessionID
	Name string // of the device and its browser, as far as known
	At   string // network address
	Used instant
	Here bool
}

var userDevices = userPage{
	name: "user_devices", wide: true,
	show: func(a *account) (userFramed, error) {
		sessions, err := a.p.Sessions.OfUser(a.r.Context(), a.me.ID)
		if err != nil {
			return nil, err
		}
		page := &devicesPage{}
		for _, s := range sessions {
			row := deviceRow{
				ID: s.ID, Name: a.deviceName(s.Activity), At: s.Activity.IPAddress, Used: a.ago(s.LastActiveAt), Here: s.ID == a.session.ID,
			}
			if row.Here {
				page.Devices = append([]deviceRow{row}, page.Devices...)
				continue
			}
			page.Devices, page.Others = append(page.Devices, row), true
		}
		return page, nil
	},
	acts: map[string]userAct{"sign-out": {do: signOutDevice}, "others": {do: signOutOthers}},
}

// deviceName is what somebody recognises a device by.
func (a *account) deviceName(at auth.Activity) string {
	var known []string
	for _, part := range []string{at.Browser, at.DeviceType} {
		if part != "" {
			known = append(known, part)
		}
	}
	if len(known) == 0 {
		return a.T("user.device_unknown")
	}
	return strings.Join(known, " · ")
}

// signOutDevice ends one session. When it is this one, nobody is here any more.
func signOutDevice(a *account) (outcome, error) {
	id := auth.SessionID(a.r.PostForm.Get("id"))
	if !auth.ValidID("sess", string(id)) {
		return outcome{}, auth.RefuseParam(auth.CodeResourceNotFound, "id")
	}
	if _, err := a.p.Sessions.RevokeOwn(a.r.Context(), a.me.ID, id); err != nil {
		return outcome{}, err
	}
	if id == a.session.ID {
		return outcome{to: signInPath}, a.p.reload(a.visit)
	}
	return outcome{said: "signed-out"}, nil
}

func signOutOthers(a *account) (outcome, error) {
	return outcome{said: "others"}, a.p.Sessions.RevokeOthers(a.r.Context(), a.me.ID, a.session.ID)
}
