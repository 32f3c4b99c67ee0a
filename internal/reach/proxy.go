package reach

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// answerRead is how much of an answer is read, in bytes.
const answerRead = 64 << 10

// Proxies checks proxies in front of the Frontend API. It is safe for concurrent
// use.
type Proxies struct{ Client *http.Client }

// Leads says whether a proxy at base leads to the Frontend API and says of
// itself what it must: the secret key, which it adds and which is not sent to
// it, the address it is reached at, and whom it forwards for. Whatever goes
// wrong on the way is a no.
func (p Proxies) Leads(ctx context.Context, base, domain string) bool {
	address := strings.TrimSuffix(base, "/") + "/v1/proxy-health?domain_id=" + url.QueryEscape(domain)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return false
	}
	req.Header.Set("User-Agent", "Perennial-Proxy-Check")
	resp, err := p.Client.Do(req)
	if err != nil {
		return false
	}
	defer func() { _ = resp.Body.Close() }()
	var health struct {
		Status string `json:"status"`
	}
	err = json.NewDecoder(io.LimitReader(resp.Body, answerRead)).Decode(&health)
	return err == nil && resp.StatusCode == http.StatusOK && health.Status == "healthy"
}
