package storetest

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
)

// start is the instant the records of the tests are made from. Stores keep
// milliseconds.
var start = time.UnixMilli(1_790_000_000_123).UTC()

// at is n seconds after [start].
func at(n int) time.Time { return start.Add(time.Duration(n) * time.Second) }

func hashOf(n int) (h [32]byte) {
	binary.BigEndian.PutUint64(h[:], uint64(n)+1) //nolint:gosec // test numbers are small
	h[31] = 0xff
	return h
}

// newClient is client n with every member set.
func newClient(n int) auth.Client {
	return auth.Client{
		ID:                auth.ClientID(fmt.Sprintf("client_%d", n)),
		LastActiveSession: auth.SessionID(fmt.Sprintf("sess_%d", n)),
		LastStrategy:      auth.StrategyPassword,
		SignedInOrOutAt:   at(n + 3),
		CreatedAt:         at(n),
		UpdatedAt:         at(n + 1),
	}
}

func newClientToken(n int, client auth.ClientID) auth.ClientToken {
	return auth.ClientToken{Hash: hashOf(n), Client: client, Generation: int64(n) + 1, CreatedAt: at(n)}
}

func newSession(n int, client auth.ClientID, user auth.UserID) auth.Session {
	return auth.Session{
		ID: auth.SessionID(fmt.Sprintf("sess_%d", n)), Client: client, User: user, Status: auth.SessionActive, Tasks: "setup-mfa",
		FirstFactorAt: at(n), SecondFactorAt: at(n + 1),
		Activity: auth.Activity{
			IPAddress: "2001:db8::1", UserAgent: "Übergerät/1.0 \u202e", DeviceType: "phone", Browser: "none", Mobile: true, City: "Łódź", Country: "PL",
		},
		LastActiveAt: at(n + 2), ExpireAt: at(n).Add(auth.SessionLifetime), AbandonAt: at(n).Add(auth.SessionInactivity),
		Actor: `{"sub":"user_9"}`, CreatedAt: at(n), UpdatedAt: at(n + 2),
	}
}

// newUser is user n with every member set: two addresses, the first proven.
func newUser(n int) auth.User {
	return auth.User{
		ID: auth.UserID(fmt.Sprintf("user_%d", n)), Username: fmt.Sprintf("name%d", n),
		FirstName: fmt.Sprintf("Zoë %d", n), LastName: "Łukasz 🦩", ExternalID: fmt.Sprintf("ext-%d", n),
		Permissions: auth.Permissions{DeleteSelf: auth.Forbidden, CreateOrganization: auth.Allowed, OrganizationsLimited: n%2 == 0},
		Emails: []auth.EmailAddress{
			{
				ID: auth.EmailID(fmt.Sprintf("idn_%d_1", n)), Address: fmt.Sprintf("u%d@example.com", n),
				Verification: auth.Verification{
					Strategy: auth.StrategyEmailCode, Status: auth.VerificationVerified, Attempts: 1,
					ExpireAt: at(n + 600), VerifiedAt: at(n + 5), CodeHash: hashOf(n),
				},
				CreatedAt: at(n), UpdatedAt: at(n + 5),
			},
			{
				ID: auth.EmailID(fmt.Sprintf("idn_%d_2", n)), Address: fmt.Sprintf("other%d@example.com", n),
				CreatedAt: at(n + 1), UpdatedAt: at(n + 1),
			},
		},
		PrimaryEmail: auth.EmailID(fmt.Sprintf("idn_%d_1", n)),
		Passkeys: []auth.Passkey{{
			ID: auth.PasskeyID(fmt.Sprintf("idn_%d_4", n)), Name: "laptop", RPID: "example.com",
			Key: auth.PasskeyKey{
				CredentialID: fmt.Appendf(nil, "credential %d", n), PublicKey: []byte{1, 2}, SignCount: 1 << 31, Transports: []string{"usb"},
				AAGUID: []byte{3}, BackupEligible: true, BackedUp: true,
			},
			Verification: auth.Verification{Strategy: auth.StrategyPasskey, Status: auth.VerificationVerified},
			LastUsedAt:   at(n + 7), CreatedAt: at(n + 8), UpdatedAt: at(n + 9),
		}},
		TrustedDevices: []auth.TrustedDevice{{
			ID: auth.TrustedDeviceID(fmt.Sprintf("td_%d", n)), Platform: "ios", AppIdentifier: "com.example", Name: "phone",
			PublicKey: `{"crv":"P-256"}`, Session: "sess_1", Challenge: "{}", ExpireAt: at(n + 1), SecondFactorAt: at(n + 2),
			LastUsedAt: at(n + 3), CreatedAt: at(n + 4), UpdatedAt: at(n + 5),
		}},
		Phones: []auth.PhoneNumber{{
			ID: auth.PhoneID(fmt.Sprintf("idn_%d_3", n)), Number: fmt.Sprintf("+4930123%05d", n),
			Verification: auth.Verification{
				Strategy: auth.StrategyPhoneCode, Status: auth.VerificationVerified, Attempts: 2, ExpireAt: at(n + 601),
				VerifiedAt: at(n + 6), About: "idn_1_3", VerificationDetail: auth.VerificationDetail{Channel: "sms"},
			},
			SecondFactor: true, DefaultSecondFactor: true, CreatedAt: at(n + 2), UpdatedAt: at(n + 6),
		}},
		PrimaryPhone: auth.PhoneID(fmt.Sprintf("idn_%d_3", n)),
		ExternalAccounts: []auth.ExternalAccount{
			{
				ID: auth.ExternalAccountID(fmt.Sprintf("eac_%d_1", n)), Identification: auth.IdentificationID(fmt.Sprintf("idn_%d_4", n)),
				ExternalIdentity: auth.ExternalIdentity{
					Provider: "oauth_google", Subject: fmt.Sprintf("sub-%d", n), EmailAddress: "x@example.com", EmailVerified: true,
					FirstName: "Ada", LastName: "L", Username: "ada", ImageURL: "https://example.com/a.png", Scopes: "openid email",
					Tokens: "sealed",
				},
				Verification: auth.Verification{Strategy: "oauth_google", Status: auth.VerificationVerified, VerifiedAt: at(n + 3)},
				CreatedAt:    at(n + 3), UpdatedAt: at(n + 4),
			},
			{
				ID: auth.ExternalAccountID(fmt.Sprintf("eac_%d_2", n)), Identification: auth.IdentificationID(fmt.Sprintf("idn_%d_5", n)),
				ExternalIdentity: auth.ExternalIdentity{Provider: "oauth_github"},
				Verification: auth.Verification{
					Strategy: "oauth_github", Status: auth.VerificationUnverified, ExpireAt: at(n + 900), CodeHash: hashOf(n),
					VerificationDetail: auth.VerificationDetail{RedirectURL: "https://github.com/?state=1"},
				},
				CreatedAt: at(n + 3), UpdatedAt: at(n + 3),
			},
		},
		TOTP: auth.TOTP{
			ID: "totp_1", Sealed: []byte{0, 255, byte(n)}, Verified: true, LastStep: int64(n) + 7,
			CreatedAt: at(n + 1), UpdatedAt: at(n + 2),
		},
		BackupCodes: auth.BackupCodes{
			ID: "backup_code_1", Hashes: [][32]byte{hashOf(n), hashOf(n + 1)}, CreatedAt: at(n + 1), UpdatedAt: at(n + 2),
		},
		MFAEnabledAt: at(n + 3), MFADisabledAt: at(n + 2), NewPasswordDue: true, Image: "img_1",
		Password:      auth.NewPasswordHash("$argon2id$v=19$m=1,t=1,p=1$c2FsdA$aGFzaA"),
		PasswordSetAt: at(n + 4),
		PublicMeta:    json.RawMessage(`{"plan":"ünlimited","n":[1,2.50,null]}`),
		PrivateMeta:   json.RawMessage(`{"note":"\u0000 and \"quotes\""}`),
		UnsafeMeta:    json.RawMessage(`{}`),
		Banned:        true, LegalAcceptedAt: at(n + 6), Locale: "pl-PL",
		LastSignInAt: at(n + 7), LastActiveAt: at(n + 8), CreatedAt: at(n), UpdatedAt: at(n + 9),
	}
}

func newSignIn(n int, client auth.ClientID) auth.SignIn {
	return auth.SignIn{
		ID: auth.SignInID(fmt.Sprintf("sia_%d", n)), Client: client, Identifier: "u1@example.com", User: "user_1",
		FirstFactor: auth.Verification{
			Strategy: auth.StrategyEmailCode, Status: auth.VerificationUnverified, Attempts: 2,
			ExpireAt: at(n + 600), About: "idn_1_1", CodeHash: hashOf(n),
		},
		SecondFactor: auth.Verification{
			Strategy: auth.StrategyPassword, Status: auth.VerificationVerified, VerifiedAt: at(n + 9),
			VerificationDetail: auth.VerificationDetail{Nonce: `{"a":"\u0000"}`, RedirectURL: "https://example.com/?a", ErrorCode: "code", ErrorSession: "sess_9"},
		},
		NewPassword: true, SecondDue: true, SignUpIfMissing: true, ExternalAccount: json.RawMessage(`{"sub":"2"}`), AbandonAt: at(n).Add(auth.AttemptLifetime), CreatedAt: at(n), UpdatedAt: at(n + 1),
	}
}

func newSignUp(n int, client auth.ClientID) auth.SignUp {
	return auth.SignUp{
		ID: auth.SignUpID(fmt.Sprintf("sua_%d", n)), Client: client, EmailAddress: fmt.Sprintf("new%d@example.com", n),
		Email: auth.Verification{
			Strategy: auth.StrategyEmailCode, Status: auth.VerificationUnverified, Attempts: 3,
			ExpireAt: at(n + 600), CodeHash: hashOf(n),
		},
		PhoneNumber: "+493012345",
		Phone:       auth.Verification{Strategy: auth.StrategyPhoneCode, Status: auth.VerificationFailed, Attempts: 1, ExpireAt: at(n + 2)},
		External:    auth.Verification{Strategy: "oauth_x", Status: auth.VerificationVerified, VerifiedAt: at(n + 3), CodeHash: hashOf(n + 1)},

		ExternalAccount: json.RawMessage(`{"sub":"1"}`), Invitation: "inv_1",
		Password: auth.NewPasswordHash("$argon2id$x"), Username: "wanted", FirstName: "Ada", LastName: "L",
		UnsafeMeta: json.RawMessage(`{"from":"ad"}`), LegalAcceptedAt: at(n + 1), Locale: "en", Shadow: true,
		ExternalID: fmt.Sprintf("ext_%d", n), CustomAction: true,
		CreatedSession: "sess_9", CreatedUser: "user_9",
		AbandonAt: at(n).Add(auth.AttemptLifetime), CreatedAt: at(n), UpdatedAt: at(n + 1),
	}
}

func newSignInToken(n int, user auth.UserID) auth.SignInToken {
	return auth.SignInToken{
		ID: auth.SignInTokID(fmt.Sprintf("sit_%d", n)), User: user, Hash: hashOf(n), Status: auth.SignInTokenPending, FirstFactor: true,
		Actor: `{"sub":"user_9"}`, SessionLifetime: time.Minute, Organization: "org_1",
		ExpireAt: at(n + 3600), CreatedAt: at(n), UpdatedAt: at(n),
	}
}

func newMessage(n int) auth.Message {
	return auth.Message{
		ID: auth.MessageID(fmt.Sprintf("msg_%03d", n)), Sealed: []byte{0, 1, byte(n), 255}, CreatedAt: at(n),
	}
}
