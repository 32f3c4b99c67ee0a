package main

import (
	"errors"

	"github.com/spf13/cobra"
)

func newServeCommand() *cobra.Command {
	return &cobra.Command{Use: "serve", Short: "run a server for production", Hidden: true, RunE: func(*cobra.Command, []string) error { return errors.New("not yet") }}
}
