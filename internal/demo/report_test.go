package demo

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func seen(name string, status int, ms int) verdict {
	return verdict{Verdict: name, status: status, took: time.Duration(ms) * time.Millisecond}
}

func TestReportCountsWhatWasShown(t *testing.T) {
	t.Parallel()
	row := Row{Fault: "x", Confirmed: true}
	row.count(seen("active-unverified", 0, 30))
	row.count(seen("active", 0, 10))
	report := Report{}
	report.add(row)
	if !report.OK() || row.Restored != 2 || row.P50 != 10 || row.P99 != 30 {
		t.Errorf("got %+v", row)
	}
	for name, bad := range map[string]verdict{
		"sign-in shown":       seen("signed-out", 3, 1),
		"undetermined":        seen("undetermined", 4, 1),
		"crashed":             seen("", 2, 1),
		"restored but failed": seen("active", 1, 1),
	} {
		row := Row{Confirmed: true}
		row.count(bad)
		report := Report{}
		report.add(row)
		if report.OK() {
			t.Errorf("%s: the report is OK", name)
		}
	}
	if (Report{}).OK() {
		t.Error("a report of nothing is OK")
	}
	if unconfirmed := (Report{Launches: 1, Rows: []Row{{Launches: 1, Restored: 1}}}); unconfirmed.OK() {
		t.Error("a session that never came back to the server is OK")
	}
}

func TestReportForms(t *testing.T) {
	t.Parallel()
	report := Report{Seconds: 3}
	row := Row{Fault: "server down", Confirmed: true}
	row.count(seen("active", 0, 10))
	report.add(row)
	var table, text bytes.Buffer
	if err := report.WriteTable(&table); err != nil || !strings.Contains(table.String(), "server down") {
		t.Errorf("table: %v\n%s", err, table.String())
	}
	if err := report.WriteJSON(&text); err != nil {
		t.Fatal(err)
	}
	var decoded struct {
		OK   bool
		Rows []map[string]any
	}
	if err := json.Unmarshal(text.Bytes(), &decoded); err != nil || !decoded.OK || decoded.Rows[0]["fault"] != "server down" {
		t.Errorf("%v: %s", err, text.String())
	}
}
