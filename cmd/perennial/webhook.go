package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
)

const webhookEndpoints = "/v1/webhooks/endpoints"

// newWebhookCommand groups what an operator does with the receivers of events.
func newWebhookCommand() *cobra.Command {
	command := &cobra.Command{Use: "webhook", Short: "manage who is told about events"}
	instance := addBackendFlags(command.PersistentFlags())
	var asJSON bool
	command.PersistentFlags().BoolVar(&asJSON, "json", false, "answer in JSON")
	w := &webhookCommand{instance: instance, json: &asJSON}
	command.AddCommand(w.add(), w.list(), w.remove(), w.secret(), w.deliveries(), w.replay())
	return command
}

// webhookCommand is what the subcommands share.
type webhookCommand struct {
	instance *backendClient
	json     *bool
}

type webhookAnswer struct {
	ID          string   `json:"id"`
	URL         string   `json:"url"`
	Description string   `json:"description"`
	Events      []string `json:"events"`
	Disabled    bool     `json:"disabled"`
	Secret      string   `json:"secret,omitempty"`
}

type deliveryAnswer struct {
	ID        string  `json:"id"`
	EventID   string  `json:"event_id"`
	EventType string  `json:"event_type"`
	Status    string  `json:"status"`
	Attempts  int     `json:"attempts"`
	Failure   *string `json:"failure"`
	CreatedAt int64   `json:"created_at"`
}

func (w *webhookCommand) add() *cobra.Command {
	var description string
	var events []string
	c := &cobra.Command{
		Use: "add URL", Short: "tell a URL about events", Args: cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			in := map[string]any{"url": args[0], "description": description, "events": events}
			var out webhookAnswer
			if err := w.instance.call(command.Context(), http.MethodPost, webhookEndpoints, in, &out); err != nil {
				return err
			}
			return w.print(command.OutOrStdout(), out, func(to io.Writer) {
				_, _ = fmt.Fprintf(to, "%s\nSigning secret: %s\n", out.ID, out.Secret)
			})
		},
	}
	c.Flags().StringVar(&description, "description", "", "what it is for")
	c.Flags().StringSliceVar(&events, "event", nil, "`TYPE` of events to tell, such as user.created or organization.*; all without any")
	return c
}

func (w *webhookCommand) list() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "list who is told", Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			var out struct {
				Data []webhookAnswer `json:"data"`
			}
			if err := w.instance.call(command.Context(), http.MethodGet, webhookEndpoints, nil, &out); err != nil {
				return err
			}
			return w.print(command.OutOrStdout(), out.Data, func(to io.Writer) {
				for _, e := range out.Data {
					events, state := strings.Join(e.Events, ","), "enabled"
					if events == "" {
						events = "all events"
					}
					if e.Disabled {
						state = "disabled"
					}
					_, _ = fmt.Fprintf(to, "%s\t%s\t%s\t%s\t%s\n", e.ID, e.URL, events, state, e.Description)
				}
			})
		},
	}
}

func (w *webhookCommand) remove() *cobra.Command {
	return &cobra.Command{
		Use: "remove ENDPOINT", Short: "tell an endpoint nothing any more", Args: cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			return w.instance.call(command.Context(), http.MethodDelete, endpointPath(args[0]), nil, nil)
		},
	}
}

func (w *webhookCommand) secret() *cobra.Command {
	var rotate bool
	c := &cobra.Command{
		Use: "secret ENDPOINT", Short: "show the signing secret of an endpoint", Args: cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			method, path := http.MethodGet, endpointPath(args[0])+"/secret"
			if rotate {
				method, path = http.MethodPost, path+"/rotate"
			}
			var out struct {
				Secret string `json:"secret"`
			}
			if err := w.instance.call(command.Context(), method, path, nil, &out); err != nil {
				return err
			}
			return w.print(command.OutOrStdout(), out, func(to io.Writer) { _, _ = fmt.Fprintln(to, out.Secret) })
		},
	}
	c.Flags().BoolVar(&rotate, "rotate", false, "make a new one; for a day deliveries are signed with both")
	return c
}

func (w *webhookCommand) deliveries() *cobra.Command {
	return &cobra.Command{
		Use: "deliveries ENDPOINT", Short: "show what went to an endpoint, newest first", Args: cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			var out struct {
				Data []deliveryAnswer `json:"data"`
			}
			if err := w.instance.call(command.Context(), http.MethodGet, endpointPath(args[0])+"/deliveries?limit=100", nil, &out); err != nil {
				return err
			}
			return w.print(command.OutOrStdout(), out.Data, func(to io.Writer) {
				for _, d := range out.Data {
					failure := ""
					if d.Failure != nil {
						failure = *d.Failure
					}
					_, _ = fmt.Fprintf(to, "%s\t%s\t%s\t%s\t%d tries\t%s\n", d.ID, time.UnixMilli(d.CreatedAt).UTC().Format(time.RFC3339),
						d.EventType, d.Status, d.Attempts, failure)
				}
			})
		},
	}
}

func (w *webhookCommand) replay() *cobra.Command {
	return &cobra.Command{
		Use: "replay DELIVERY", Short: "deliver once more", Args: cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			path := "/v1/webhooks/deliveries/" + url.PathEscape(args[0]) + "/replay"
			return w.instance.call(command.Context(), http.MethodPost, path, nil, nil)
		},
	}
}

func endpointPath(id string) string { return webhookEndpoints + "/" + url.PathEscape(id) }

// print writes an answer as JSON, or as text in columns.
func (w *webhookCommand) print(to io.Writer, answer any, text func(io.Writer)) error {
	if *w.json {
		encoder := json.NewEncoder(to)
		encoder.SetIndent("", "  ")
		return encoder.Encode(answer)
	}
	columns := tabwriter.NewWriter(to, 0, 8, 2, ' ', 0)
	text(columns)
	return columns.Flush()
}
