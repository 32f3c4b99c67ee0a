package frontendapi

import (
	"fmt"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
	"github.com/perennialauth/perennial/internal/signin"
	"github.com/perennialauth/perennial/internal/user"
	"github.com/perennialauth/perennial/wire"
)

// trustedDeviceRoutes are the operations on devices that sign in by a key.
func (a *API) trustedDeviceRoutes() map[string]handler {
	return map[string]handler{
		"POST /v1/client/trusted_devices/validate":          a.validateTrustedDevice,
		"GET /v1/me/trusted_devices":                        a.listMyDevices,
		"POST /v1/me/trusted_devices/prepare":               a.prepareMyDevice,
		"POST /v1/me/trusted_devices/attempt":               a.attemptMyDevice,
		"DELETE /v1/me/trusted_devices/{trusted_device_id}": a.revokeMyDevice,
	}
}

// validateTrustedDevice tells an app whether the key it keeps still signs in,
// before it offers that.
func (a *API) validateTrustedDevice(c *call) error {
	form, err := a.begin(c)
	if err != nil {
		return err
	}
	id := auth.TrustedDeviceID(form.Required("trusted_device_id"))
	if err := form.Err(); err != nil {
		return err
	}
	if err := c.nativeOnly(); err != nil {
		return err
	}
	valid, err := a.SignIns.DeviceValid(c.r.Context(), id)
	if err != nil {
		return err
	}
	if err := a.ensure(c, false); err != nil {
		return err
	}
	return a.answer(c, wire.TrustedDeviceValidation{Object: "trusted_device_validation", Valid: valid})
}

// nativeOnly refuses web pages: their keys are not kept by a device that asks
// its owner.
func (c *call) nativeOnly() error {
	if !c.native {
		return auth.Refuse(auth.CodeNativeOnly)
	}
	return nil
}

func (a *API) listMyDevices(c *call) error {
	_, me, err := a.acting(c)
	if err != nil {
		return err
	}
	return a.answer(c, respond.TrustedDevices(me.ActiveDevices()))
}

// prepareMyDevice begins to enroll the device: it has to sign the client data.
func (a *API) prepareMyDevice(c *call) error {
	form, err := a.begin(c)
	if err != nil {
		return err
	}
	if err := c.nativeOnly(); err != nil {
		return err
	}
	acting, err := a.reverified(c)
	if err != nil {
		return err
	}
	request := enrollment(form)
	if err := form.Err(); err != nil {
		return err
	}
	data, err := a.Self.PrepareDevice(c.r.Context(), acting, request)
	if err != nil {
		return err
	}
	challenge := respond.DeviceChallenge(data)
	if challenge == nil {
		return fmt.Errorf("own client data cannot be read: %w", auth.ErrUnavailable)
	}
	return a.answer(c, challenge)
}

func (a *API) attemptMyDevice(c *call) error {
	form, err := a.begin(c)
	if err != nil {
		return err
	}
	if err := c.nativeOnly(); err != nil {
		return err
	}
	acting, _, err := a.acting(c)
	if err != nil {
		return err
	}
	request, data, signature := enrollment(form), form.Required("client_data"), form.Required("signature")
	if err := form.Err(); err != nil {
		return err
	}
	d, err := a.Self.AttemptDevice(c.r.Context(), acting, request, data, signature)
	if err != nil {
		return err
	}
	return a.answer(c, respond.TrustedDevices([]auth.TrustedDevice{d})[0])
}

func enrollment(form *respond.Form) user.Enrollment {
	return user.Enrollment{
		Platform: form.Required("platform"), AppIdentifier: form.Required("app_identifier"), Name: form.String("name"),
		Algorithm: form.Required("algorithm"), PublicKey: form.Required("public_key_jwk"),
	}
}

func (a *API) revokeMyDevice(c *call) error {
	_, me, err := a.acting(c)
	if err != nil {
		return err
	}
	d, err := a.Self.RevokeDevice(c.r.Context(), me.ID, auth.TrustedDeviceID(c.r.PathValue("trusted_device_id")))
	if err != nil {
		return err
	}
	return a.answer(c, respond.TrustedDevice(d, a.Now()))
}

// signedByDevice is what a device made of the challenge of a sign-in.
func signedByDevice(form *respond.Form) signin.SignedByDevice {
	return signin.SignedByDevice{
		Device: auth.TrustedDeviceID(form.String("trusted_device_id")), ClientData: form.String("client_data"),
		Signature: form.String("signature"), Algorithm: form.String("algorithm"),
	}
}
