package auth

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// NativeApps are the apps that the site vouches for, so that they may use its
// passkeys.
type NativeApps struct {
	Apple   []string     `json:"apple"` // TEAMID.bundle.identifier
	Android []AndroidApp `json:"android"`
}

// AndroidApp is an app by its package and the certificates it is signed with.
type AndroidApp struct {
	PackageName string `json:"package_name"`
	// SHA256 are fingerprints of certificates: 32 pairs of hexadecimal digits
	// with colons between them, as the tools of the platform print them.
	SHA256 []string `json:"sha256_cert_fingerprints"`
}

func (n NativeApps) valid() bool {
	for _, id := range n.Apple {
		team, bundle, _ := strings.Cut(id, ".")
		if len(team) != 10 || !made(team, upper+digits) || len(bundle) > 155 || !made(bundle, upper+lower+digits+"-.") {
			return false
		}
	}
	for _, app := range n.Android {
		if !strings.Contains(app.PackageName, ".") || len(app.PackageName) > 255 ||
			!made(app.PackageName, upper+lower+digits+"_.") || len(app.SHA256) == 0 {
			return false
		}
		for _, f := range app.SHA256 {
			if _, ok := parseFingerprint(f); !ok {
				return false
			}
		}
	}
	return true
}

const (
	upper  = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	lower  = "abcdefghijklmnopqrstuvwxyz"
	digits = "0123456789"
)

// made says whether s is of these characters only and has some.
func made(s, of string) bool {
	return s != "" && strings.IndexFunc(s, func(r rune) bool { return !strings.ContainsRune(of, r) }) < 0
}

// parseFingerprint reads that of a certificate.
func parseFingerprint(s string) ([]byte, bool) {
	sum, err := hex.DecodeString(strings.ReplaceAll(s, ":", ""))
	return sum, err == nil && len(sum) == 32 && len(s) == 95 && strings.ToUpper(s) == s
}

// androidOrigin begins the origin that Android gives an app in place of a page.
const androidOrigin = "android:apk-key-hash:"

// origins are those of the Android apps.
func (n NativeApps) origins() (out []string) {
	for _, app := range n.Android {
		for _, f := range app.SHA256 {
			if sum, ok := parseFingerprint(f); ok {
				out = append(out, androidOrigin+base64.RawURLEncoding.EncodeToString(sum))
			}
		}
	}
	return out
}
