package conformance_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/perennialauth/perennial/conformance"
)

// causes are the words by which an explanation names what a scenario injected:
// each inner list is one injected thing, and any of its words will do.
func causes(scenario conformance.Scenario) [][]string {
	var all [][]string
	for _, step := range scenario.Steps {
		for _, fault := range step.Store {
			if fault.Fault.Answer != "" {
				all = append(all, []string{string(fault.Fault.Answer)})
			} else if fault.Hang {
				all = append(all, []string{"has not answered within the local deadline"})
			}
		}
		for _, fault := range step.Server {
			if words := serverCause(fault); words != nil {
				all = append(all, words)
			}
		}
		switch step.Do {
		case conformance.EndSession:
			all = append(all, []string{"no longer lists the session", "another process changed the record"})
		case conformance.Forget:
			all = append(all, []string{"about another client"})
		case conformance.PeerOut, conformance.PeerIn:
			all = append(all, []string{"another process changed the record"})
		case conformance.SignOut:
			all = append(all, []string{"sign-out asked"})
		case conformance.Adopt:
			if step.Text != "same" {
				all = append(all, []string{"handed-over credential"})
			}
		default:
		}
	}
	return all
}

func serverCause(fault conformance.Fault) []string {
	switch {
	case fault.Hang, fault.Break:
		return []string{"the connection broke", "no complete answer in time", "no route to the server", "asked the server"}
	case fault.Status == http.StatusTooManyRequests:
		return []string{"the server asked for fewer requests"}
	case fault.Status == http.StatusProxyAuthRequired:
		return []string{"a proxy asks for authentication"}
	case fault.Status >= http.StatusInternalServerError:
		return []string{"the server had an error of its own"}
	case fault.ContentType == "text/html":
		return []string{"the answer was not JSON"}
	case strings.Contains(fault.Body, "client_fresh"):
		return []string{"about another client"}
	case strings.Contains(fault.Body, `"code":`):
		code, _, _ := strings.Cut(strings.SplitN(fault.Body, `"code":"`, 2)[1], `"`)
		return []string{"code " + code}
	default:
		return nil
	}
}

// unheard are scenarios whose process never meets what was injected: it is gone
// before the answer, or the answer is what it always is.
func unheard(result conformance.Result) bool {
	story := result.Explanation
	return story == "" || result.Scenario.Given == conformance.Empty && !strings.Contains(story, "asked the server")
}

func checkExplanation(t *testing.T, result conformance.Result) {
	t.Helper()
	if result.Err != nil || unheard(result) {
		return
	}
	for _, words := range causes(result.Scenario) {
		named := false
		for _, word := range words {
			named = named || strings.Contains(result.Explanation, word)
		}
		if !named {
			t.Errorf("%s: the explanation names none of %q:\n%s", result.Scenario.Name(), words, result.Explanation)
		}
	}
}
