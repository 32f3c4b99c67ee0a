package device_test

import (
	"context"
	"fmt"

	"github.com/perennialauth/perennial/device"
)

// The shortest program that keeps somebody signed in.
func Example() {
	ctx := context.Background()
	d, err := device.Open(device.Config{PublishableKey: "pk_test_MTI3LjAuMC4xOjg0NDMk", Ephemeral: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = d.Close() }()
	state, err := d.Restore(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	switch state.Kind {
	case device.Active, device.ActiveUnverified:
		fmt.Println("show the app to", state.User.ID)
	case device.Pending:
		fmt.Println("show the task", state.Task)
	case device.SignedOut:
		fmt.Println("show the sign-in:", state.Cause)
	default:
		fmt.Println("show the splash screen:", state.Cause)
	}
	// Output: show the sign-in: none
}
