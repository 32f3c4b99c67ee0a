package backendapi_test

import (
	"strings"
	"testing"
)

func TestDeleteInvitation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made := w.must("POST", "/v1/invitations", `{"email_address":"a@example.com","notify":false}`)
	path := "/v1/invitations/" + made["id"].(string)
	if got := w.must("DELETE", path, ""); got["deleted"] != true || got["object"] != "invitation" {
		t.Errorf("got %v", got)
	}
	if _, text := w.send("GET", "/v1/invitations", ""); strings.Contains(text, "a@example.com") {
		t.Errorf("the list still has it: %s", text)
	}
	w.refused("DELETE", path, "", 404, "resource_not_found")
	w.refused("POST", path+"/revoke", "", 404, "resource_not_found")
	w.refused("DELETE", "/v1/invitations/inv_unknown", "", 404, "resource_not_found")
}

// The back end that invites from the waitlist is told the link, as it is for
// every other invitation.
func TestInviteFromWaitlistTellsTheInvitation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	entry := w.must("POST", "/v1/waitlist_entries", `{"email_address":"a@example.com"}`)
	got := w.must("POST", "/v1/waitlist_entries/"+entry["id"].(string)+"/invite", "")
	invitation, _ := got["invitation"].(map[string]any)
	if got["status"] != "invited" || invitation["email_address"] != "a@example.com" || invitation["status"] != "pending" {
		t.Errorf("got %v", got)
	}
	if link, _ := invitation["url"].(string); !strings.Contains(link, "/v1/tickets/accept?ticket=") {
		t.Errorf("the link is %q", link)
	}
}
