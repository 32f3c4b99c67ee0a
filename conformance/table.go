package conformance

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// Table writes one row for each result and a summary.
func Table(w io.Writer, name string, results []Result) error {
	t := tabwriter.NewWriter(w, 2, 8, 2, ' ', 0)
	fmt.Fprintf(t, "%s\tfirst verdict\tin time\tever\tlost\twrong\tsign-in shown\tresult\n", name)
	passed, skipped := 0, 0
	for _, r := range results {
		outcome := "ok"
		switch {
		case r.Skipped:
			outcome = "skipped"
			skipped++
		case r.Err != nil:
			outcome = "FAILED: " + r.Err.Error()
		default:
			passed++
		}
		fmt.Fprintf(t, "%s\t%v\t%s\t%s\t%s\t%s\t%s\t%s\n", r.Scenario.Name(), r.FirstVerdict.Round(10*time.Microsecond),
			mark(r.InTime), mark(r.Ever), mark(r.Lost), mark(r.Wrong), mark(r.Flash), outcome)
	}
	fmt.Fprintf(t, "%d scenarios, %d passed, %d skipped, %d failed\n", len(results), passed, skipped, len(results)-passed-skipped)
	return t.Flush()
}

func mark(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}
