package demo

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"
)

// Report is what was seen.
type Report struct {
	Started time.Time `json:"started"`
	Seconds float64   `json:"seconds"`
	Rows    []Row     `json:"rows"`
	// The sums of the rows.
	Launches      int `json:"launches"`
	Restored      int `json:"restored"`
	SignInScreens int `json:"sign_in_screens"`
}

// Row is what was seen under one fault.
type Row struct {
	Fault         string `json:"fault"`
	Launches      int    `json:"launches"`
	Restored      int    `json:"restored"`
	SignInScreens int    `json:"sign_in_screens"`
	// Undetermined counts launches that showed neither the app nor sign-in.
	Undetermined int `json:"undetermined"`
	// P50 and P99 are the milliseconds from starting the process to its verdict.
	P50 float64 `json:"verdict_ms_p50"`
	P99 float64 `json:"verdict_ms_p99"`
	// Confirmed reports that the server confirmed the session once the fault
	// was over.
	Confirmed bool `json:"confirmed_after"`

	took []time.Duration
}

func (r *Row) count(v verdict) {
	r.Launches++
	switch {
	case v.restored():
		r.Restored++
	case v.Verdict == "signed-out":
		r.SignInScreens++
	default:
		r.Undetermined++
	}
	r.took = append(r.took, v.took)
	slices.Sort(r.took)
	r.P50, r.P99 = percentile(r.took, 50), percentile(r.took, 99)
}

// percentile of sorted durations, nearest rank, in milliseconds.
func percentile(sorted []time.Duration, p int) float64 {
	rank := (len(sorted)*p + 99) / 100
	return float64(sorted[max(rank, 1)-1].Microseconds()) / 1000
}

func (r *Report) add(row Row) {
	r.Rows = append(r.Rows, row)
	r.Launches += row.Launches
	r.Restored += row.Restored
	r.SignInScreens += row.SignInScreens
}

// OK reports whether every launch was restored, no sign-in screen was shown,
// and the server confirmed the session after every fault.
func (r Report) OK() bool {
	for _, row := range r.Rows {
		if row.Restored != row.Launches || row.SignInScreens > 0 || !row.Confirmed {
			return false
		}
	}
	return r.Launches > 0
}

// WriteJSON writes the report for machines.
func (r Report) WriteJSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(struct {
		Report
		OK bool `json:"ok"`
	}{r, r.OK()})
}

// WriteTable writes the report for people.
func (r Report) WriteTable(w io.Writer) error {
	const format = "%-28s %9s %9s %10s %10s %8s %10s\n"
	if _, err := fmt.Fprintf(w, format, "fault", "launches", "restored", "p50 ms", "p99 ms", "sign-in", "confirmed"); err != nil {
		return err
	}
	for _, row := range r.Rows {
		confirmed := "yes"
		if !row.Confirmed {
			confirmed = "NO"
		}
		_, err := fmt.Fprintf(w, format, row.Fault, fmt.Sprint(row.Launches), fmt.Sprint(row.Restored),
			fmt.Sprintf("%.1f", row.P50), fmt.Sprintf("%.1f", row.P99), fmt.Sprint(row.SignInScreens), confirmed)
		if err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "\n%d launches after %d kills in %.0f s: %d restored, %d sign-in screens shown.\n",
		r.Launches, r.Launches, r.Seconds, r.Restored, r.SignInScreens)
	return err
}
