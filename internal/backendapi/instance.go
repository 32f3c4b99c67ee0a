package backendapi

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// jwks is the key set, from memory: it must be readable while the store is not.
func (a *API) jwks(http.ResponseWriter, *http.Request) (any, error) {
	return json.RawMessage(a.JWKS()), nil
}

type instanceJSON struct {
	Object          string   `json:"object"`
	ID              string   `json:"id"`
	EnvironmentType string   `json:"environment_type"`
	AllowedOrigins  []string `json:"allowed_origins"`
	WorkspaceID     *string  `json:"workspace_id"`
}

func (a *API) getInstance(http.ResponseWriter, *http.Request) (any, error) {
	environment := "development"
	if a.Settings().Production {
		environment = "production"
	}
	return instanceJSON{
		Object: "instance", ID: a.InstanceID, EnvironmentType: environment, AllowedOrigins: a.AllowedOrigins,
	}, nil
}

// testingTokenLifetime is how long a test run may use one token.
const testingTokenLifetime = time.Hour

type testingTokenJSON struct {
	Object    string `json:"object"`
	Token     string `json:"token"`
	ExpiresAt int64  `json:"expires_at"` // seconds, unlike every other instant
}

// createTestingToken hands out what test tools add to Frontend API requests to
// pass bot protection. There is none here, so nothing needs to remember it.
func (a *API) createTestingToken(http.ResponseWriter, *http.Request) (any, error) {
	var random [16]byte
	if _, err := io.ReadFull(a.Entropy, random[:]); err != nil {
		return nil, fmt.Errorf("read entropy for testing token: %w", err)
	}
	end := a.Now().Add(testingTokenLifetime).Unix()
	return testingTokenJSON{
		Object: "testing_token", ExpiresAt: end,
		Token: strconv.FormatInt(end, 10) + "-c_" + hex.EncodeToString(random[:]),
	}, nil
}
