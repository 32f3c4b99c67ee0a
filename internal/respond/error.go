package respond

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"strconv"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/wire"
)

// DefaultRetry is what Retry-After says when our own trouble has no better
// estimate: soon, since most of it is a restart or a full queue.
const DefaultRetry = 2 * time.Second

// Error writes err as the published envelope. Refusals ([*auth.Error], also
// several joined) are told as they are; anything a store could not answer is
// 503 with Retry-After, because clients read every other status as a verdict
// about the session; anything unknown is logged and becomes one opaque 500.
func Error(w http.ResponseWriter, r *http.Request, err error) {
	refusals := collect(err, nil)
	code := refusals[0].Code
	status := lookup(code).status
	if isTrouble(status) && !errors.Is(err, context.Canceled) {
		// Canceled means that the client went away: nobody is waiting and
		// nothing is wrong.
		slog.ErrorContext(r.Context(), "request failed", "trace_id", w.Header().Get(TraceHeader),
			"method", r.Method, "path", r.URL.Path, "code", string(code), "error", err)
	}
	retry := refusals[0].Retry
	if retry == 0 && (status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests) {
		retry = DefaultRetry
	}
	if retry > 0 {
		setRetryAfter(w.Header(), retry)
	}
	JSON(w, status, envelope(refusals, w.Header().Get(TraceHeader)))
}

// isTrouble tells our own failures from what a caller brought about.
func isTrouble(status int) bool {
	return status == http.StatusInternalServerError || status == http.StatusServiceUnavailable
}

// Unavailable writes 503 with Retry-After whatever err is, and logs it. It is
// for answers that clients must never read as a verdict, GET client above all.
func Unavailable(w http.ResponseWriter, r *http.Request, err error) {
	var e *auth.Error
	if errors.As(err, &e) && e.Code == auth.CodeServiceUnavailable {
		Error(w, r, err)
		return
	}
	Error(w, r, &auth.Error{Code: auth.CodeServiceUnavailable, Cause: err})
}

// setRetryAfter writes whole seconds, rounded up: clerk-js reads integers
// only, and rounding down would invite a second refusal.
func setRetryAfter(h http.Header, d time.Duration) {
	h.Set("Retry-After", strconv.FormatInt(int64((d+time.Second-1)/time.Second), 10))
}

// collect turns err into refusals, at least one.
func collect(err error, out []*auth.Error) []*auth.Error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			out = collect(e, out)
		}
		return out
	}
	return append(out, refusal(err))
}

// Refusal is what a caller is told of err: the first refusal in it, or what
// stands for everything else.
func Refusal(err error) *auth.Error { return collect(err, nil)[0] }

// refusal classifies one error.
func refusal(err error) *auth.Error {
	var (
		refused  *auth.Error
		exists   *auth.ExistsError
		tooLarge *http.MaxBytesError
	)
	switch {
	case errors.As(err, &refused):
		return refused
	case errors.As(err, &exists):
		return auth.RefuseParam(auth.CodeIdentifierExists, exists.What)
	case errors.As(err, &tooLarge):
		return auth.Refuse(auth.CodeBodyTooLarge)
	case errors.Is(err, auth.ErrNotFound):
		return auth.Refuse(auth.CodeResourceNotFound)
	case errors.Is(err, auth.ErrUnavailable), errors.Is(err, auth.ErrConflict),
		errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return auth.Refuse(auth.CodeServiceUnavailable)
	default:
		return auth.Refuse(auth.CodeInternal)
	}
}

func envelope(refusals []*auth.Error, trace string) wire.ErrorEnvelope {
	e := wire.ErrorEnvelope{TraceID: trace, Errors: make([]wire.Error, 0, len(refusals))}
	for _, r := range refusals {
		a := lookup(r.Code)
		meta := maps.Clone(r.Meta)
		if r.Param != "" {
			if meta == nil {
				meta = map[string]any{}
			}
			meta["param_name"] = r.Param
		}
		e.Errors = append(e.Errors, wire.Error{Code: string(r.Code), Message: a.message, LongMessage: a.long, Meta: meta})
	}
	return e
}

// ErrorOf is a refusal as one element of the published envelope, for flows that
// end elsewhere and tell their error inside a resource.
func ErrorOf(code auth.Code) *wire.Error {
	a := lookup(code)
	return &wire.Error{Code: string(code), Message: a.message, LongMessage: a.long}
}

// internalBody is the envelope of an internal error, built without anything
// that could fail.
func internalBody(trace string) []byte {
	body, _ := json.Marshal(envelope([]*auth.Error{auth.Refuse(auth.CodeInternal)}, trace))
	return body
}
