package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/pflag"
)

const (
	backendTimeout = 30 * time.Second
	backendAnswer  = 8 << 20 // bytes
)

// backendClient talks to the Backend API of a running instance.
type backendClient struct {
	url       string
	secretKey string
}

// addBackendFlags asks where the instance is. The secret key comes from the
// environment unless a flag names it, so that it need not stand in the list of
// processes.
func addBackendFlags(flags *pflag.FlagSet) *backendClient {
	c := &backendClient{}
	flags.StringVar(&c.url, "url", cmp.Or(os.Getenv("PERENNIAL_URL"), "http://127.0.0.1:4343"),
		"base `URL` of the instance (or PERENNIAL_URL)")
	flags.StringVar(&c.secretKey, "secret-key", "", "secret `KEY` of the instance (or PERENNIAL_SECRET_KEY, CLERK_SECRET_KEY)")
	return c
}

// call performs one request and decodes its answer into out, unless that is nil.
func (c *backendClient) call(ctx context.Context, method, path string, in, out any) error {
	key := cmp.Or(c.secretKey, os.Getenv("PERENNIAL_SECRET_KEY"), os.Getenv("CLERK_SECRET_KEY"))
	if key == "" {
		return errors.New("no secret key: set PERENNIAL_SECRET_KEY, or pass --secret-key")
	}
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(text)
	}
	ctx, cancel := context.WithTimeout(ctx, backendTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimRight(c.url, "/")+path, body)
	if err != nil {
		return fmt.Errorf("%q is not the base URL of an instance", c.url)
	}
	req.Header.Set("Authorization", "Bearer "+key)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("the instance at %s does not answer: start it, or pass --url (%w)", c.url, errors.Unwrap(err))
	}
	defer func() { _ = resp.Body.Close() }()
	return decodeAnswer(resp, out)
}

func decodeAnswer(resp *http.Response, out any) error {
	text, err := io.ReadAll(io.LimitReader(resp.Body, backendAnswer))
	if err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return instanceRefusal(resp.StatusCode, text)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(text, out); err != nil {
		return errors.New("the answer is not that of an instance: check --url")
	}
	return nil
}

// instanceRefusal is what the instance says is wrong, in its own words.
func instanceRefusal(status int, text []byte) error {
	var envelope struct {
		Errors []struct {
			Code string `json:"code"`
			Long string `json:"long_message"`
			Meta struct {
				Param string `json:"param_name"`
			} `json:"meta"`
		} `json:"errors"`
	}
	if json.Unmarshal(text, &envelope) != nil || len(envelope.Errors) == 0 {
		return fmt.Errorf("the instance answered %d: check --url", status)
	}
	first := envelope.Errors[0]
	if first.Meta.Param != "" {
		return fmt.Errorf("%s: %s (%s)", first.Meta.Param, first.Long, first.Code)
	}
	return fmt.Errorf("%s (%s)", first.Long, first.Code)
}
