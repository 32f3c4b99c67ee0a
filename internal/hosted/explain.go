package hosted

import (
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/perennialauth/perennial/internal/auth"
	"github.com/perennialauth/perennial/internal/respond"
)

// errorPage says why there is nothing to be done here, and what to do instead.
type errorPage struct {
	frame
	App   bool   // a native app sent the person here, and has to begin again
	Again string // where to begin again otherwise
}

// fail writes a page that says why there is nothing to be done here.
func (p *Pages) fail(v *visit, err error) {
	status, problem := p.explain(v, err)
	p.render(v, status, "error", &errorPage{frame: frame{Problem: problem}, App: !v.web() || v.flow.RedirectURL != "", Again: signInPath})
}

// problem is the page that a person is sent to for whom something went wrong
// outside these pages: at a provider, or by the link of a mail.
func (p *Pages) problem(w http.ResponseWriter, r *http.Request) {
	v := &visit{w: w, r: r, at: r.URL.Path}
	code := auth.Code(r.URL.Query().Get("code"))
	if !respond.Known(code) {
		code = auth.CodeResourceNotFound
	}
	status, words := p.explain(v, auth.Refuse(code))
	next := &errorPage{frame: frame{Problem: words}, Again: signInPath}
	if cookie(r, flowCookie) != "" { // somebody signs in for an app
		next.Again += "?" + resumeParam + "=1"
	}
	p.render(v, status, "error", next)
}

// missing answers a request for a page that there is not, below one that there
// is: such as a link of a version that had it.
func (p *Pages) missing(w http.ResponseWriter, r *http.Request) {
	v := &visit{w: w, r: r, at: r.URL.Path}
	p.render(v, http.StatusNotFound, "error", &errorPage{frame: frame{Problem: v.refusal(auth.CodeResourceNotFound)}, Again: userPath})
}

// explain is the status and the words for what went wrong.
func (p *Pages) explain(v *visit, err error) (status int, words string) {
	refused := respond.Refusal(err)
	switch refused.Code {
	case auth.CodeBrowserFlowOver:
		status = http.StatusGone
	case auth.CodeOriginInvalid, auth.CodeUserLocked, auth.CodeUserBanned:
		status = http.StatusForbidden
	case auth.CodeServiceUnavailable, auth.CodeInternal:
		slog.ErrorContext(v.r.Context(), "hosted page", "trace_id", v.w.Header().Get(respond.TraceHeader), "error", err)
		v.w.Header().Set("Retry-After", "2")
		return http.StatusServiceUnavailable, v.T("error.trouble")
	case auth.CodeOAuthProviderDown:
		status = http.StatusServiceUnavailable
		v.w.Header().Set("Retry-After", "2")
	case auth.CodeTooManyRequests:
		v.w.Header().Set("Retry-After", strconv.Itoa(int(refused.Retry.Seconds())+1))
		return http.StatusTooManyRequests, v.wait(refused.Retry)
	default:
		status = http.StatusUnprocessableEntity
	}
	words = v.refusal(refused.Code)
	if refused.Code == auth.CodeUserLocked && refused.Retry > 0 {
		v.w.Header().Set("Retry-After", strconv.Itoa(int(refused.Retry.Seconds())+1))
		words += " " + v.words().N("auth.locked_minutes", int(math.Ceil(refused.Retry.Minutes())))
	}
	return status, words
}

// wait says for how long to wait.
func (v *visit) wait(left time.Duration) string {
	if left > time.Minute {
		return v.words().N("error.wait_minutes", int(math.Ceil(left.Minutes())))
	}
	return v.words().N("error.wait_seconds", int(left.Seconds())+1)
}

// refusal says in words what a code means to a person.
func (v *visit) refusal(code auth.Code) string {
	if key := "error." + string(code); v.words().Has(key) {
		return v.T(key)
	}
	return v.T("error.refused")
}
