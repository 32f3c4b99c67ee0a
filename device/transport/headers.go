package transport

import (
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/perennialauth/perennial/device/core"
)

const (
	// maxRetryAfter caps the server's wish for silence: a portal's answer may
	// ask for years, and would be obeyed long after the portal is gone.
	maxRetryAfter = time.Hour
	maxCredential = 8 << 10
	maxTrace      = 64
	maxMessage    = 300
)

// earliestDate is before any server that speaks this protocol; an earlier Date
// is a broken clock and no evidence of anything.
var earliestDate = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

// readHeaders takes what every answer may carry, whatever its class.
func readHeaders(response *http.Response) core.Responded {
	answer := core.Responded{Status: response.StatusCode}
	date, err := http.ParseTime(response.Header.Get("Date"))
	if err == nil && date.After(earliestDate) {
		answer.ServerTime = core.Wall(date.UnixMilli())
	}
	answer.RetryAfter = retryAfter(response.Header.Get("Retry-After"), date)
	answer.Credential = credential(response.Header["Authorization"])
	answer.Binds = response.Header.Get(nonceHeader) != ""
	for _, name := range []string{"Clerk-Trace-Id", "X-Request-Id", "Cf-Ray"} {
		if answer.Trace == "" {
			answer.Trace = traceID(response.Header.Get(name))
		}
	}
	return answer
}

// retryAfter reads seconds or a date, the latter relative to the server's own
// clock, for the device's may be wrong by years.
func retryAfter(value string, date time.Time) time.Duration {
	var wait time.Duration
	if seconds, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64); err == nil {
		wait = time.Duration(min(max(seconds, 0), int64(maxRetryAfter/time.Second))) * time.Second
	} else if at, err := http.ParseTime(value); err == nil && !date.IsZero() {
		wait = at.Sub(date)
	}
	return min(max(wait, 0), maxRetryAfter)
}

// credential reads a handed-out client credential. An empty one, the bare word
// Bearer, several, or one that could not be sent back are no credential.
func credential(values []string) core.Secret {
	if len(values) != 1 {
		return core.Secret{}
	}
	value := strings.TrimSpace(values[0])
	if strings.EqualFold(value, "bearer") {
		return core.Secret{}
	}
	value = strings.TrimSpace(strings.TrimPrefix(value, "Bearer "))
	if value == "" || len(value) > maxCredential || strings.ContainsFunc(value, notHeaderText) {
		return core.Secret{}
	}
	return core.NewSecret(value)
}

func notHeaderText(r rune) bool { return r <= ' ' || r > '~' }

func traceID(value string) string {
	if strings.ContainsFunc(value, notHeaderText) {
		return ""
	}
	return cut(value, maxTrace)
}

// cut shortens text to at most n bytes at a character's end.
func cut(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}

// clean makes a server's words safe to print on a terminal or keep in a
// journal: one line, no control or direction characters, bounded.
func clean(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r):
			return -1
		default:
			return r
		}
	}, text)
	return cut(strings.TrimSpace(text), maxMessage)
}

// validID accepts what published identifiers are made of. An identifier is put
// into paths and into the journal, so nothing else may pass.
func validID(id string) bool {
	return id != "" && len(id) <= 128 &&
		strings.Trim(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == ""
}
