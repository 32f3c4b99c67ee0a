package device

import (
	"fmt"

	"github.com/perennialauth/perennial/device/core"
	"github.com/perennialauth/perennial/device/shell"
	"github.com/perennialauth/perennial/device/trace"
)

// tracedJournal tells a trace what it is given, before the journal keeps it.
type tracedJournal struct {
	shell.Journal
	trace *trace.Trace
	// adopted is the session that a handed-over credential led to.
	adopted string
}

func traced(j shell.Journal, t *trace.Trace) shell.Journal {
	if t == nil {
		return j
	}
	return &tracedJournal{Journal: j, trace: t}
}

// Append implements [shell.Journal].
func (j *tracedJournal) Append(e core.Entry) {
	switch e.Happening {
	case core.HappenedHeard: // the next lines say what it meant
	case core.HappenedVerdict:
		j.trace.Printf("verdict: %s", j.verdict(e))
	case core.HappenedAdoption:
		if e.Evidence.Detail == "identified" {
			j.adopted = e.SessionID
		}
		j.trace.Printf("%s", tell(line{Entry: e}))
	default:
		j.trace.Printf("%s", tell(line{Entry: e}))
	}
	j.Journal.Append(e)
}

// verdict says a verdict as the script sees it, and where its session is from.
func (j *tracedJournal) verdict(e core.Entry) string {
	seen := core.Verdict{Kind: e.Kind, Cause: e.Cause}
	signedIn := "undefined"
	if e.Kind != Undetermined {
		signedIn = fmt.Sprint(seen.SignedIn())
	}
	text := fmt.Sprintf("%s (%s) isSignedIn=%s isLoaded=%v", e.Kind, e.Cause, signedIn, seen.Settled())
	if !seen.SignedIn() && e.Kind != Pending {
		return text + proof(e.Evidence)
	}
	source := "store"
	switch {
	case e.SessionID == j.adopted:
		source = "handed-over token"
	case e.Kind == Active, e.Evidence.Request != "":
		source = "server"
	}
	return fmt.Sprintf("%s session=%s source=%s", text, e.SessionID, source)
}
