// Package respond owns how the HTTP packages read requests and write answers:
// JSON with the one content type every SDK accepts, the published error
// envelope, the one table from error code to status and text, bounded reading
// of bodies, and routing that never answers in anything but JSON.
//
// It offers [JSON], [Error], [Form] and [Mux].
//
// It refuses to know any resource, to call any use case, and to show a caller
// more of an unexpected error than a trace id.
package respond

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"strconv"
)

// contentType is exactly what @clerk/backend compares with: a charset
// parameter would make it treat every answer as text and every error as empty.
const contentType = "application/json"

// TraceHeader carries the id of a request in the answer; the same id is in
// the error envelope and in the log.
const TraceHeader = "Clerk-Trace-Id"

// JSON writes v as the answer. A value that cannot be encoded is a bug: it is
// logged and answered as an internal error, and nothing of it is written.
func JSON(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		slog.Error("encode answer", "trace_id", w.Header().Get(TraceHeader), "error", err)
		body, status = internalBody(w.Header().Get(TraceHeader)), http.StatusInternalServerError
	}
	Raw(w, status, body)
}

// Raw writes body, which is JSON already, as the answer.
func Raw(w http.ResponseWriter, status int, body []byte) {
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	// The status is sent: a client that went away cannot be told anything.
	_, _ = w.Write(body)
}
