package main

import (
	"encoding/json"
	"os/exec"
	"testing"
)

// The demonstration itself, small: real server, real device, every fault.
func TestDemo(t *testing.T) {
	t.Parallel()
	output, err := exec.Command(mustBuildPerennial(t), "demo", "--launches", "18", "--json").Output()
	if err != nil {
		t.Fatalf("demo: %v\n%s", err, output)
	}
	var report struct {
		OK            bool `json:"ok"`
		Launches      int  `json:"launches"`
		Restored      int  `json:"restored"`
		SignInScreens int  `json:"sign_in_screens"`
	}
	if err := json.Unmarshal(output, &report); err != nil {
		t.Fatal(err)
	}
	if !report.OK || report.Launches != 18 || report.Restored != 18 || report.SignInScreens != 0 {
		t.Errorf("got %s", output)
	}
}
