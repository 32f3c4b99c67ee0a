package conformance_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/perennialauth/perennial/conformance"
)

// causes are the words by which an explanation names what a scenario injected:
// each inner list is one injected thing, and any of its words will do.
func causes(scenario conformance.Scenario) [][]string {
	var all [][]string
	if words, wrong := givenCauses[scenario.Given]; wrong {
		all = append(all, []string{words})
	}
	// A process that is killed may be gone before it meets what was injected.
	killed := slices.ContainsFunc(scenario.Steps, func(s conformance.Step) bool { return s.Do == conformance.Kill })
	for _, step := range scenario.Steps {
		for _, fault := range step.Store {
			if fault.Fault.Answer != "" {
				all = append(all, []string{string(fault.Fault.Answer)})
			} else if fault.Hang {
				all = append(all, []string{"has not answered within the local deadline"})
			}
		}
		for _, fault := range step.Server {
			words := serverCause(fault)
			if killed && slices.Contains(words, unanswered) {
				words = append(words, "asked the server")
			}
			if words != nil {
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

// givenCauses are the words for what is wrong with a store from the beginning.
var givenCauses = map[conformance.Given]string{
	conformance.TaskOpen:       "the session has an open task",
	conformance.SignedOutStore: "the user signed out",
	conformance.NoCredential:   "names a user and holds no credential",
	conformance.NewerEnvelope:  "a newer version of this software wrote the record",
	conformance.OtherLineForm:  "what is stored is not a record of this instance",
}

func serverCause(fault conformance.Fault) []string {
	empty := fault.Status != 0 && fault.Body == ""
	switch {
	case fault.Hang, fault.Delay > 3*time.Second:
		return []string{"no complete answer in time", unanswered}
	case fault.Break:
		return []string{"the connection broke", "no route to the server", unanswered}
	case len(fault.Drop) > 0:
		return []string{"something on the way dropped the credential"}
	case fault.Status >= 300 && fault.Status < 400:
		return []string{"a redirect"}
	case fault.Status == http.StatusTooManyRequests:
		return []string{"the server asked for fewer requests"}
	case fault.Status == http.StatusProxyAuthRequired:
		return []string{"a proxy asks for authentication"}
	case fault.Status >= http.StatusInternalServerError:
		return []string{"the server had an error of its own"}
	case fault.ContentType == "text/html":
		return []string{"the answer was not JSON"}
	case empty:
		return []string{"an empty answer"}
	case strings.Contains(fault.Body, "client_lagging"):
		return []string{"the handed-over credential has no session"}
	case strings.Contains(fault.Body, "client_fresh"):
		return []string{"about another client"}
	case strings.Contains(fault.Body, `"code":`):
		code, _, _ := strings.Cut(strings.SplitN(fault.Body, `"code":"`, 2)[1], `"`)
		return []string{"code " + code}
	case fault.Body != "":
		return []string{"an answer of another shape than published"}
	default:
		return nil // the answer is only slow
	}
}

// unanswered is said of a question in a launch that ended, or goes on, without
// an answer to it.
const unanswered = "no answer came while this launch lasted"

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
