// Command restoringprogram is the smallest application with the device package:
// it restores the session of its folder and says what the verdict is.
//
//	restoringprogram FOLDER PUBLISHABLE-KEY SERVER
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/perennialauth/perennial/device"
)

func main() {
	d, err := device.Open(device.Config{Dir: os.Args[1], PublishableKey: os.Args[2], Server: os.Args[3]})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	state, err := d.Restore(context.Background())
	if err != nil || state.User.ID == "" {
		fmt.Fprintln(os.Stderr, "nobody is signed in", state.Cause, err)
		os.Exit(1)
	}
	fmt.Println(state.Kind, state.User.ID)
	_ = d.Close()
}
