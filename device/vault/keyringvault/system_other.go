//go:build !unix && !windows

package keyringvault

import "github.com/perennialauth/perennial/device/vault"

func ready() error {
	return &Refusal{Answer: vault.Failed, Detail: "this system has no secret store that is known here"}
}

func classify(error) (vault.Answer, string) {
	return vault.Failed, "this system has no secret store that is known here"
}
