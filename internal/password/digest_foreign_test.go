package password_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/password"
)

// foreignDigests are digests of "lètmein" (salt "salted" where there is one)
// made by other implementations: Django, passlib, and OpenSSL through Python's
// hashlib. Those with another password come from the hasher's own project.
var foreignDigests = []struct{ hasher, digest, plain string }{
	{"pbkdf2_sha256_django", "pbkdf2_sha256$10000$seasalt$CWWFdHOWwPnki7HvkcqN9iA2T3KLW1cf2uZ5kvArtVY=", "lètmein"},
	{"bcrypt_sha256_django", "bcrypt_sha256$$2b$04$abcdefghijklmnopqrstuulyx/yrfLnuLCi6gwFG5mrkJjuQKpL6S", "lètmein"},
	{"bcrypt_peppered", "$2b$04$JgA.RtqQEaZOgZii2X9yU.4x0v3rAgzmT7n3iUrT2bDX3Flt70ZyO$pepper", "lètmein"},
	{"scrypt_werkzeug", "scrypt:1024:8:1$abcdefgh$e1328f5c5c74f1b86addb743ad6b0b2197b51f88a5c0978c9f704a40df3e74a805201045e87942ec03bb25b91e094d4100ef51f5ae8a7ba23f4e962d098a2632", "lètmein"},
	{"scrypt_firebase", "lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==$42xEC+ixf3L2lw==$jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==$Bw==$8$14", "user1password"},
	{"phpass", "$P$5fuFP1csi9hdRj.UPOLd3Lr3VZEkGe.", "lètmein"},
	{"phpass", "$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0", "test12345"},
	{"md5_phpass", "$P$56e/WlQUcY7BWsWSV9YotAt3ZpDc8e.", "lètmein"},
	{"ldap_ssha", "{SSHA}iK+r/UrfMgMznEvaD5VI6hPhmrhjTMl5", "lètmein"},
	{"pbkdf2_sha512", "pbkdf2_sha512$1000$salted$088ec331392a604828dcf36507a3e65ecf1c89f3e5daa5c3531e2ab6f8e48b956497e8fae7feaaa1cd41c80fb686e2d2bfbc0535518dfd902b680a1aabd93718", "lètmein"},
	{"pbkdf2_sha512_hex", "pbkdf2_sha512_hex$1000$73616c746564$088ec331392a604828dcf36507a3e65ecf1c89f3e5daa5c3531e2ab6f8e48b956497e8fae7feaaa1cd41c80fb686e2d2bfbc0535518dfd902b680a1aabd93718", "lètmein"},
	{"pbkdf2_sha256", "pbkdf2_sha256$1000$c2FsdGVk$ONB/+kexnltkh0+wT08VQOb+zNyl4OC9fWo0XSulxLA=", "lètmein"},
	{"pbkdf2_sha1", "pbkdf2_sha1$1000$salted$d5c25729b1d979a0eff98931269a379ac6b9d545db20e09e9e714cdf9ef17ce5", "lètmein"},
	{"pbkdf2_sha1", "pbkdf2_sha1$1000$73616c746564$d5c25729b1d979a0eff98931269a379ac6b9d545$20", "lètmein"},
	{"sha512_symfony", "sha512_symfony$5000$salted$uZKMAMznUsP97qPKKfVj9+wSdjgm4cZ1JTqtsoSKCK94WsWPkKb+7m5hWDu4eYO1GANuVfbwjCbprdlu6/4zNg==", "lètmein"},
	{"md5", "88a434c88cca4e900f7874cd98123f43", "lètmein"},
	{"md5_salted", "salted$1e31fbc9ee50077233be0e7d79ed8aa0", "lètmein"},
	{"md5_salted", "salted$7aac7f66b7c7a43142dcbaae6f4cdb4f", "lètmein"},
	{"sha256", "1af7ea1e8c993e69aa1fe000aedd64a4586cc74b978bf3b951eda5009d2eba2d", "lètmein"},
	{"sha256_salted", "salted$7877013cd0334232d68fbf3c92f76887e56964f59b89056e454c9ba9de821150", "lètmein"},
}

func TestForeignDigestsVerify(t *testing.T) {
	t.Parallel()
	h := mustHasher(t, password.Cheapest())
	for _, tc := range foreignDigests {
		hash, err := password.ParseDigest(tc.hasher, tc.digest)
		if err != nil {
			t.Errorf("%s: %v", tc.hasher, err)
			continue
		}
		if ok, err := h.Verify(t.Context(), hash, tc.plain); !ok || err != nil {
			t.Errorf("%s: the right password: %v, %v", tc.hasher, ok, err)
		}
		for _, wrong := range []string{"", tc.plain + "x", "salted" + tc.plain} {
			if ok, err := h.Verify(t.Context(), hash, wrong); ok || err != nil {
				t.Errorf("%s: %q: %v, %v", tc.hasher, wrong, ok, err)
			}
		}
		if !h.Outdated(hash) {
			t.Errorf("%s: would be kept for ever", tc.hasher)
		}
	}
}

// TestForeignDigestsRefused changes one thing of each digest at a time.
func TestForeignDigestsRefused(t *testing.T) {
	t.Parallel()
	for _, tc := range foreignDigests {
		for name, digest := range map[string]string{
			"empty":        "",
			"cut":          tc.digest[:len(tc.digest)-5],
			"other digit":  "\x00" + tc.digest,
			"with a tail":  tc.digest + "\n",
			"another form": "pbkdf2_sha3$1000$salted$00",
		} {
			if tc.hasher == "bcrypt_peppered" && name != "empty" && name != "other digit" && name != "another form" {
				continue // any pepper is one
			}
			if strings.HasSuffix(tc.hasher, "_salted") && name == "other digit" {
				continue // any salt is one
			}
			if _, err := password.ParseDigest(tc.hasher, digest); !errors.Is(err, auth.Refuse(auth.CodePasswordDigestInvalid)) {
				t.Errorf("%s, %s: got %v", tc.hasher, name, err)
			}
		}
	}
}

func TestForeignDigestsAreBounded(t *testing.T) {
	t.Parallel()
	firebase := strings.TrimSuffix(foreignDigests[4].digest, "8$14")
	phpass, symfony := foreignDigests[5].digest, "sha512_symfony$%$salted$"+foreignDigests[14].digest[len("sha512_symfony$5000$salted$"):]
	for _, tc := range []struct{ hasher, digest string }{
		{"pbkdf2_sha256", "pbkdf2_sha256$2000000000$c2FsdGVk$ONB/+kexnltkh0+wT08VQOb+zNyl4OC9fWo0XSulxLA="},
		{"pbkdf2_sha256", "pbkdf2_sha256$0$c2FsdGVk$ONB/+kexnltkh0+wT08VQOb+zNyl4OC9fWo0XSulxLA="},
		{"scrypt_werkzeug", strings.Replace(foreignDigests[3].digest, "1024:8:1", "1048576:64:1", 1)},
		{"scrypt_werkzeug", strings.Replace(foreignDigests[3].digest, "1024:8:1", "1024:8:4096", 1)},
		{"scrypt_werkzeug", strings.Replace(foreignDigests[3].digest, "1024:8:1", "1000:8:1", 1)},
		{"scrypt_firebase", firebase + "8$60"},
		{"scrypt_firebase", firebase + "9223372036854775807$14"},
		{"phpass", "$P$S" + phpass[4:]},
		{"sha512_symfony", strings.Replace(symfony, "%", "900000000", 1)},
	} {
		if _, err := password.ParseDigest(tc.hasher, tc.digest); !errors.Is(err, auth.Refuse(auth.CodePasswordDigestInvalid)) {
			t.Errorf("%s %s: got %v", tc.hasher, tc.digest, err)
		}
	}
}

// TestFastDigestCostsAHash keeps the time of an answer from telling an account
// that was imported with a fast hash from one that does not exist.
func TestFastDigestCostsAHash(t *testing.T) {
	t.Parallel()
	h := mustHasher(t, password.Default())
	hash, err := password.ParseDigest("md5", "88a434c88cca4e900f7874cd98123f43")
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if ok, err := h.Verify(t.Context(), hash, "wrong"); ok || err != nil {
		t.Fatal(ok, err)
	}
	// A fast hash alone takes a microsecond, the stand-in tens of thousands. Only
	// too short is wrong: a busy machine makes anything long.
	if took := time.Since(start); took < time.Millisecond {
		t.Errorf("checking a fast hash took %v", took)
	}
}

func FuzzParseDigest(f *testing.F) {
	for _, tc := range foreignDigests {
		f.Add(tc.hasher, tc.digest)
	}
	f.Fuzz(func(t *testing.T, hasher, digest string) {
		hash, err := password.ParseDigest(hasher, digest)
		if (err == nil) == hash.Empty() {
			t.Errorf("hash %v and error %v", hash.Empty(), err)
		}
	})
}
