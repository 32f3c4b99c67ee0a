package apitest

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// loadEvents reads the published document of events: the schema of the data of
// each type.
var loadEvents = sync.OnceValues(func() (map[string]*openapi3.Schema, error) {
	folder, err := specsFolder()
	if err != nil {
		return nil, err
	}
	spec, err := openapi3.NewLoader().LoadFromFile(filepath.Join(folder, "webhooks-2025-04-15.yml"))
	if err != nil {
		return nil, err
	}
	// The loader knows nothing of this member, so the reference is followed by hand.
	types, _ := spec.Extensions["x-webhooks"].(map[string]any)
	out := map[string]*openapi3.Schema{}
	for name, webhook := range types {
		text, err := json.Marshal(webhook)
		if err != nil {
			return nil, err
		}
		for part := range strings.SplitSeq(string(text), `"$ref":"#/components/schemas/`) {
			schema, _, _ := strings.Cut(part, `"`)
			// The first is the envelope, the next the data, and others refine it.
			if found := spec.Components.Schemas[schema]; found != nil && schema != "WebhookEventPayload" {
				out[name] = found.Value
				break
			}
		}
	}
	if len(out) == 0 {
		return nil, errors.New("no events in the published document")
	}
	return out, nil
})

// CheckEvent fails the test when the data of an event is not as published for
// its type. Without the published document it checks nothing.
func CheckEvent(t testing.TB, eventType string, data []byte) {
	t.Helper()
	schemas, err := loadEvents()
	if errors.Is(err, os.ErrNotExist) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	schema := schemas[eventType]
	if schema == nil {
		t.Errorf("%s is not published", eventType)
		return
	}
	for _, m := range validate(schema, data) {
		// A combination of documents of which each forbids what the other adds
		// says nothing about what is too much.
		if len(schema.AllOf) > 0 && m.keyword == "properties" {
			continue
		}
		t.Errorf("%s: at %s: %s", eventType, strings.Join(m.at, "/"), m.text)
	}
}
