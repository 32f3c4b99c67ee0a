package sqlstore

import (
	"encoding/json"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

var (
	devicesByUser = fixed(`SELECT d.id, d.document FROM trusted_devices d WHERE d.user_id = $1 ORDER BY d.position`)
	insertDevice  = fixed(`INSERT INTO trusted_devices (id, user_id, position, document) VALUES ($1, $2, $3, $4)`)
	deleteDevice  = fixed(`DELETE FROM trusted_devices WHERE id = $1`)
)

func (c *conn) devices(id auth.UserID) (out []auth.TrustedDevice, _ error) {
	err := c.each(devicesByUser, []any{string(id)}, func(r *row) {
		device := auth.TrustedDeviceID(r.text())
		var d auth.TrustedDevice
		_ = json.Unmarshal(r.blob(), &d) // as written below
		d.ID = device
		out = append(out, storableDevice(d))
	})
	return out, err
}

// putDevices makes the stored set equal to the given one, see [conn.putEmails].
func (c *conn) putDevices(u *auth.User) error {
	same := 0
	if u.Version > 0 {
		stored, err := c.devices(u.ID)
		if err != nil {
			return err
		}
		for same < len(stored) && same < len(u.TrustedDevices) && stored[same] == storableDevice(u.TrustedDevices[same]) {
			same++
		}
		for _, d := range stored[same:] {
			if _, err := c.exec(deleteDevice, string(d.ID)); err != nil {
				return err
			}
		}
	}
	for i := same; i < len(u.TrustedDevices); i++ {
		d := storableDevice(u.TrustedDevices[i])
		document, _ := json.Marshal(d) // texts and instants only: it cannot fail
		if _, err := c.exec(insertDevice, string(d.ID), string(u.ID), i, string(document)); err != nil {
			return err
		}
	}
	return nil
}

// storableDevice is the device as it will be read back.
func storableDevice(d auth.TrustedDevice) auth.TrustedDevice {
	for _, t := range []*time.Time{&d.ExpireAt, &d.SecondFactorAt, &d.LastUsedAt, &d.CreatedAt, &d.UpdatedAt} {
		*t = stored(*t)
	}
	return d
}
