package hosted

import (
	"net/http"

	"github.com/perennialauth/perennial/internal/auth"
)

// handOverPage shows what a browser takes back to an app that it cannot reach:
// a terminal on another device. It is in no address, so neither histories nor
// logs have it.
type handOverPage struct {
	frame
	Line string
}

// handOver ends a flow by showing the way back instead of going it.
func (p *Pages) handOver(v *visit, address string) {
	p.render(v, http.StatusOK, "hand_over", &handOverPage{Line: address})
}

// pasted says whether the way back of the flow is one that a person carries.
func (v *visit) pasted() bool { return v.flow.RedirectURL == auth.PasteReturn }
