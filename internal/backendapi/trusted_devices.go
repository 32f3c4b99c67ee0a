package backendapi

import (
	"net/http"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
)

func (a *API) trustedDeviceRoutes() map[string]handler {
	return map[string]handler{
		"GET /v1/users/{user_id}/trusted_devices":                        a.listTrustedDevices,
		"DELETE /v1/users/{user_id}/trusted_devices/{trusted_device_id}": a.revokeTrustedDevice,
	}
}

func (a *API) listTrustedDevices(_ http.ResponseWriter, r *http.Request) (any, error) {
	id, err := userID(r)
	if err != nil {
		return nil, err
	}
	acc, err := a.Users.Get(r.Context(), id)
	if err != nil {
		return nil, err
	}
	devices := respond.TrustedDevices(acc.ActiveDevices())
	return paged{Data: devices, TotalCount: len(devices)}, nil
}

func (a *API) revokeTrustedDevice(_ http.ResponseWriter, r *http.Request) (any, error) {
	id, err := userID(r)
	if err != nil {
		return nil, err
	}
	d, err := a.Users.RevokeDevice(r.Context(), id, auth.TrustedDeviceID(r.PathValue("trusted_device_id")))
	if err != nil {
		return nil, err
	}
	return respond.TrustedDevice(d, a.Now()), nil
}
