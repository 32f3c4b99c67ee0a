package frontendapi_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/apitest"
	"github.com/perennialauth/perennial/internal/auth"
)

func withDevices(o *apitest.Options) { o.Settings.TrustedDevices.Enabled = true }

// deviceKey is the key that a phone keeps.
type deviceKey struct {
	key *ecdsa.PrivateKey
	jwk string
}

func newDeviceKey(t testing.TB) deviceKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	point, err := key.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	enc := base64.RawURLEncoding.EncodeToString
	return deviceKey{key, `{"kty":"EC","crv":"P-256","x":"` + enc(point[1:33]) + `","y":"` + enc(point[33:]) + `"}`}
}

func (k deviceKey) sign(t testing.TB, clientData string) string {
	t.Helper()
	sum := sha256.Sum256([]byte(clientData))
	r, s, err := ecdsa.Sign(rand.Reader, k.key, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	raw := make([]byte, 64)
	r.FillBytes(raw[:32])
	s.FillBytes(raw[32:])
	return base64.RawURLEncoding.EncodeToString(raw)
}

func (k deviceKey) described(more ...string) url.Values {
	return form(append([]string{
		"platform", "ios", "app_identifier", "com.example.app", "name", "Ada's phone", "algorithm", "ES256", "public_key_jwk", k.jwk,
	}, more...)...)
}

// enroll makes the app's device a trusted one and returns its id.
func (a *app) enroll(t testing.TB, k deviceKey) string {
	t.Helper()
	begun := a.must(t, "POST", "/v1/me/trusted_devices/prepare", k.described())
	data := begun.text("response.client_data")
	done := a.must(t, "POST", "/v1/me/trusted_devices/attempt", k.described("client_data", data, "signature", k.sign(t, data)))
	if done.text("response.status") != "active" {
		t.Fatalf("enrolled: %v", done)
	}
	return done.text("response.id")
}

// byDevice begins a sign-in and returns its path and the data to be signed.
func (a *app) byDevice(t testing.TB, id string) (path, data string) {
	t.Helper()
	begun := a.must(t, "POST", "/v1/client/sign_ins", form("strategy", "trusted_device", "trusted_device_id", id))
	challenge := "response.first_factor_verification.trusted_device_challenge."
	if begun.text("response.status") != "needs_first_factor" || begun.text(challenge+"trusted_device_id") != id {
		t.Fatalf("begun: %v", begun)
	}
	return "/v1/client/sign_ins/" + begun.text("response.id"), begun.text(challenge + "client_data")
}

func signed(id, data, signature string) url.Values {
	return form("strategy", "trusted_device", "trusted_device_id", id, "client_data", data, "signature", signature, "algorithm", "ES256")
}

func (a *app) valid(t testing.TB, id string) bool {
	t.Helper()
	got, _ := a.must(t, "POST", "/v1/client/trusted_devices/validate", form("trusted_device_id", id)).at("response.valid").(bool)
	return got
}

func TestTrustedDevice(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, withDevices)
	a, k := nativeApp(s), newDeviceKey(t)
	a.signUp(t, "ada@example.com")
	id := a.enroll(t, k)
	if list := a.must(t, "GET", "/v1/me/trusted_devices", nil); list.text("response.0.id") != id || list.text("response.0.name") != "Ada's phone" {
		t.Errorf("list: %v", list)
	}

	b := nativeApp(s)
	if !b.valid(t, id) || b.valid(t, "td_unknown") {
		t.Error("wrong about which device is valid")
	}
	path, data := b.byDevice(t, id)
	proof := signed(id, data, k.sign(t, data))
	done := b.must(t, "POST", path+"/attempt_first_factor", proof)
	if done.text("response.status") != "complete" || len(b.sessions(t)) != 1 {
		t.Fatalf("done: %v", done)
	}
	b.must(t, "POST", path+"/attempt_first_factor", proof) // a lost answer
	if n := len(b.sessions(t)); n != 1 {
		t.Errorf("%d sessions", n)
	}
	if list := a.must(t, "GET", "/v1/me/trusted_devices", nil); list.at("response.0.last_used_at") == nil {
		t.Errorf("the use was not noted: %v", list)
	}

	gone := a.must(t, "DELETE", "/v1/me/trusted_devices/"+id, nil)
	if gone.text("response.status") != "revoked" || gone.at("response.revoked_at") == nil {
		t.Errorf("revoked: %v", gone)
	}
	a.refused(t, "DELETE", "/v1/me/trusted_devices/"+id, nil, 404, "resource_not_found")
	if b.valid(t, id) {
		t.Error("a revoked device is valid")
	}
	refused := nativeApp(s).refused(t, "POST", "/v1/client/sign_ins", form("strategy", "trusted_device", "trusted_device_id", id), 422, "trusted_device_not_registered")
	if refused.text("errors.0.meta.param_name") != "trusted_device_id" {
		t.Errorf("the app will not forget the device: %v", refused)
	}
}

// TestTrustedDeviceRefuses answers challenges with what proves nothing.
func TestTrustedDeviceRefuses(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, withDevices)
	a, k := nativeApp(s), newDeviceKey(t)
	a.signUp(t, "ada@example.com")
	id := a.enroll(t, k)
	thief, stolen := nativeApp(s), newDeviceKey(t)
	thief.signUp(t, "eve@example.com")
	own := thief.enroll(t, stolen)

	b := nativeApp(s)
	const invalid = "form_param_value_invalid"
	path, data := b.byDevice(t, id)
	b.refused(t, "POST", path+"/attempt_first_factor", signed(id, data, stolen.sign(t, data)), 422, invalid)
	b.refused(t, "POST", path+"/attempt_first_factor", signed(id, data, k.sign(t, data)), 422, "verification_missing") // used up
	prepared := b.must(t, "POST", path+"/prepare_first_factor", form("strategy", "trusted_device", "trusted_device_id", id))
	data = prepared.text("response.first_factor_verification.trusted_device_challenge.client_data")
	b.refused(t, "POST", path+"/attempt_first_factor", signed(own, data, stolen.sign(t, data)), 422, invalid)
	b.refused(t, "POST", path+"/prepare_first_factor", form("strategy", "trusted_device", "trusted_device_id", own), 422, "trusted_device_not_registered")
	other, foreign := nativeApp(s).byDevice(t, id)
	b.refused(t, "POST", other+"/attempt_first_factor", signed(id, foreign, k.sign(t, foreign)), 404, "resource_not_found")
	b.refused(t, "POST", path+"/attempt_first_factor", signed(id, foreign, k.sign(t, foreign)), 422, invalid)
	path, data = b.byDevice(t, id)
	b.refused(t, "POST", path+"/attempt_first_factor", form("strategy", "trusted_device", "trusted_device_id", id,
		"client_data", data, "signature", k.sign(t, data), "algorithm", "none"), 422, invalid)
	s.Advance(auth.TrustedDeviceLifetime + time.Second)
	b.refused(t, "POST", path+"/attempt_first_factor", signed(id, data, k.sign(t, data)), 422, "verification_expired")
	if n := len(b.sessions(t)); n != 0 {
		t.Errorf("%d sessions", n)
	}
	// A device belongs to who enrolled it.
	thief.refused(t, "DELETE", "/v1/me/trusted_devices/"+id, nil, 404, "resource_not_found")
}

func TestTrustedDeviceEnrollmentRefuses(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, withDevices)
	a, k := nativeApp(s), newDeviceKey(t)
	a.signUp(t, "ada@example.com")
	const invalid, prepare, attempt = "form_param_value_invalid", "/v1/me/trusted_devices/prepare", "/v1/me/trusted_devices/attempt"
	for name, value := range map[string]string{
		"platform": "windows", "algorithm": "none",
		"public_key_jwk": `{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}`,
	} {
		f := k.described()
		f.Set(name, value)
		if got := a.refused(t, "POST", prepare, f, 422, invalid); got.text("errors.0.meta.param_name") != name {
			t.Errorf("%s: %v", name, got)
		}
	}
	private := k.described()
	private.Set("public_key_jwk", k.jwk[:len(k.jwk)-1]+`,"d":"AAAA"}`)
	a.refused(t, "POST", prepare, private, 422, invalid)
	begin := func() string { return a.must(t, "POST", prepare, k.described()).text("response.client_data") }
	data := begin()
	other := newDeviceKey(t)
	a.refused(t, "POST", attempt, k.described("client_data", data, "signature", other.sign(t, data)), 422, invalid)
	a.refused(t, "POST", attempt, k.described("client_data", data, "signature", k.sign(t, data)), 422, "verification_missing")
	data = begin()
	a.refused(t, "POST", attempt, other.described("client_data", data, "signature", other.sign(t, data)), 422, invalid)
	data = begin()
	s.Advance(auth.TrustedDeviceLifetime + time.Second)
	a.refused(t, "POST", attempt, k.described("client_data", data, "signature", k.sign(t, data)), 422, "verification_expired")
	// What was signed to enroll does not sign in, and the other way round.
	id := a.enroll(t, k)
	data = begin()
	b := nativeApp(s)
	path, _ := b.byDevice(t, id)
	b.refused(t, "POST", path+"/attempt_first_factor", signed(id, data, k.sign(t, data)), 422, invalid)
	if n := len(a.must(t, "GET", "/v1/me/trusted_devices", nil).at("response").([]any)); n != 1 {
		t.Errorf("%d devices", n)
	}
	if _, err := s.Live.Update(t.Context(), func(set *auth.Settings) error {
		set.NativeApps.Apple = []string{"ABCDE12345.com.example.other"}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	a.refused(t, "POST", prepare, k.described(), 422, invalid)
}

func TestTrustedDevicesAreOffAndForApps(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t)
	a, k := nativeApp(s), newDeviceKey(t)
	a.signUp(t, "ada@example.com")
	a.refused(t, "POST", "/v1/me/trusted_devices/prepare", k.described(), 403, "feature_not_enabled")
	a.refused(t, "POST", "/v1/client/trusted_devices/validate", form("trusted_device_id", "td_1"), 403, "feature_not_enabled")
	a.refused(t, "POST", "/v1/client/sign_ins", form("strategy", "trusted_device", "trusted_device_id", "td_1"), 403, "feature_not_enabled")
	b := browserApp(apitest.Start(t, withDevices))
	b.signUp(t, "ada@example.com")
	b.refused(t, "POST", "/v1/me/trusted_devices/prepare", k.described(), 403, "native_api_disabled")
	b.refused(t, "POST", "/v1/client/trusted_devices/validate", form("trusted_device_id", "td_1"), 403, "native_api_disabled")
}

// TestDistrust changes what every device has to be enrolled again for.
func TestDistrust(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(t *testing.T, a *app){
		"new password": func(t *testing.T, a *app) {
			a.must(t, "POST", "/v1/me/change_password", form("current_password", password, "new_password", "another battery 9"))
		},
		"second factor": func(t *testing.T, a *app) { a.setUpTOTP(t) },
		"operator's password": func(t *testing.T, a *app) {
			me := a.must(t, "GET", "/v1/me", nil).text("response.id")
			backend(t, a.s, "PATCH", "/v1/users/"+me, `{"password":"another battery 9"}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := apitest.Start(t, withDevices)
			a := nativeApp(s)
			a.signUp(t, "ada@example.com")
			id := a.enroll(t, newDeviceKey(t))
			change(t, a)
			if a.valid(t, id) {
				t.Error("still trusted")
			}
		})
	}
}

// TestTrustedDeviceAndSecondFactor signs in by a device on which a second factor
// was proven, before and after the days for which that counts.
func TestTrustedDeviceAndSecondFactor(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, withDevices, func(o *apitest.Options) { o.Settings.TrustedDevices.SecondFactorDays = 7 })
	a, k := nativeApp(s), newDeviceKey(t)
	a.signUp(t, "ada@example.com")
	phone, _ := a.setUpTOTP(t)
	id := a.enroll(t, k) // in a session without a second factor
	signIn := func() (*app, string, answer) {
		b := nativeApp(s)
		path, data := b.byDevice(t, id)
		return b, path, b.must(t, "POST", path+"/attempt_first_factor", signed(id, data, k.sign(t, data)))
	}
	b, path, got := signIn()
	if got.text("response.status") != "needs_second_factor" {
		t.Fatalf("first: %v", got)
	}
	s.Advance(time.Minute)
	b.must(t, "POST", path+"/attempt_second_factor", form("strategy", "totp", "code", phone.code(t)))
	_, _, got = signIn()
	age, _ := got.at("client.sessions.0.factor_verification_age").([]any)
	if got.text("response.status") != "complete" || len(age) != 2 || age[1] != -1.0 {
		t.Errorf("within the days: %v %v", age, got)
	}
	s.Advance(7 * 24 * time.Hour)
	if _, _, got = signIn(); got.text("response.status") != "needs_second_factor" {
		t.Errorf("after the days: %v", got)
	}
}

func TestTrustedDeviceQuota(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, withDevices)
	a := nativeApp(s)
	a.signUp(t, "ada@example.com")
	first := a.enroll(t, newDeviceKey(t))
	for range auth.MaxTrustedDevices {
		a.enroll(t, newDeviceKey(t))
	}
	if n := len(a.must(t, "GET", "/v1/me/trusted_devices", nil).at("response").([]any)); n != auth.MaxTrustedDevices {
		t.Errorf("%d devices", n)
	}
	if a.valid(t, first) {
		t.Error("the oldest device did not make place")
	}
}

func TestBackEndRevokesDevices(t *testing.T) {
	t.Parallel()
	s := apitest.Start(t, withDevices)
	a := nativeApp(s)
	a.signUp(t, "ada@example.com")
	id := a.enroll(t, newDeviceKey(t))
	devices := "/v1/users/" + a.must(t, "GET", "/v1/me", nil).text("response.id") + "/trusted_devices"
	if got := backend(t, s, "GET", devices, ""); got.text("data.0.id") != id || got.at("total_count") != 1.0 {
		t.Errorf("list: %v", got)
	}
	if got := backend(t, s, "DELETE", devices+"/"+id, ""); got.text("status") != "revoked" {
		t.Errorf("revoked: %v", got)
	}
	s.BackEnd().Do(t, "DELETE", devices+"/"+id, "").Is(t, 404, "resource_not_found")
	if a.valid(t, id) {
		t.Error("still trusted")
	}
}
