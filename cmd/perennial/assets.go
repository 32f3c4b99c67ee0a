package main

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/perennialauth/perennial/internal/assets"
)

// assetsFolder is where an instance keeps the published browser scripts, in its
// data folder.
const assetsFolder = "npm"

// newAssetsCommand groups what an operator does with the published browser
// scripts that the instance serves.
func newAssetsCommand() *cobra.Command {
	command := &cobra.Command{
		Use: "assets", Short: "manage the published browser scripts that the instance serves",
	}
	data := command.PersistentFlags().String("data", "perennial-data", "`folder` of the instance")
	command.AddCommand(newAssetsSyncCommand(data), newAssetsListCommand(data))
	return command
}

func newAssetsSyncCommand(data *string) *cobra.Command {
	var registry string
	c := &cobra.Command{
		Use: "sync [PACKAGE@VERSION...]", Short: "bring the scripts by npm",
		Long: "Brings published releases of " + strings.Join(assets.Packages, " and ") + " by npm, holds each archive\n" +
			"against the digest that the registry publishes, and keeps the scripts in the data folder. A running\n" +
			"server has them at once and needs no network for them. VERSION is a version, a major version or a tag;\n" +
			"PACKAGE@VERSION#sha512-DIGEST takes only the archive of that digest. Without arguments:\n" +
			strings.Join(assets.Defaults, " "),
		RunE: func(command *cobra.Command, args []string) error {
			if len(args) == 0 {
				args = assets.Defaults
			}
			specs := make([]assets.Spec, 0, len(args))
			for _, text := range args {
				s, err := assets.ParseSpec(text)
				if err != nil {
					return err
				}
				specs = append(specs, s)
			}
			npm, err := assets.FindNPM()
			if err != nil {
				return err
			}
			if registry != "" {
				npm.Options = append(npm.Options, "--registry="+registry)
			}
			folder := assets.NewFolder(filepath.Join(*data, assetsFolder))
			return folder.Sync(command.Context(), npm, specs, time.Now, func(b assets.Brought) {
				did := "brought"
				if b.Already {
					did = "kept"
				}
				_, _ = fmt.Fprintf(command.OutOrStdout(), "%s %s@%s\n", did, b.Release.Package, b.Release.Version)
			})
		},
	}
	c.Flags().StringVar(&registry, "registry", "", "`URL` of the registry, instead of the one npm is configured with")
	return c
}

// listedRelease is one line of the list.
type listedRelease struct {
	Package   string   `json:"package"`
	Version   string   `json:"version"`
	Tags      []string `json:"tags"`
	Integrity string   `json:"integrity"`
	SyncedAt  string   `json:"synced_at"`
	Whole     bool     `json:"whole"` // every file is what was brought
}

func newAssetsListCommand(data *string) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "list", Short: "list the releases that are here, and check every file", Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			list, err := listReleases(assets.NewFolder(filepath.Join(*data, assetsFolder)))
			if err != nil {
				return err
			}
			return printReleases(command.OutOrStdout(), list, asJSON)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "answer in JSON")
	return c
}

func listReleases(folder *assets.Folder) ([]listedRelease, error) {
	list := []listedRelease{}
	for _, pkg := range assets.Packages {
		releases, err := folder.Releases(pkg)
		if err != nil {
			return nil, err
		}
		for _, r := range releases {
			list = append(list, listedRelease{
				Package: r.Package, Version: r.Version, Tags: append([]string{}, r.Tags...), Integrity: r.Integrity,
				SyncedAt: r.SyncedAt.Format(time.RFC3339), Whole: folder.Check(r) == nil,
			})
		}
	}
	return list, nil
}

func printReleases(to io.Writer, list []listedRelease, asJSON bool) error {
	if asJSON {
		encoder := json.NewEncoder(to)
		encoder.SetIndent("", "  ")
		return encoder.Encode(list)
	}
	if len(list) == 0 {
		_, err := fmt.Fprintln(to, "No scripts are here. `perennial assets sync` brings them.")
		return err
	}
	columns := tabwriter.NewWriter(to, 0, 8, 2, ' ', 0)
	for _, r := range list {
		state := "whole"
		if !r.Whole {
			state = "damaged: run perennial assets sync " + r.Package + "@" + r.Version
		}
		_, _ = fmt.Fprintf(columns, "%s\t%s\t%s\t%s\t%s\n", r.Package, r.Version, strings.Join(r.Tags, ","), r.SyncedAt, state)
	}
	return columns.Flush()
}
