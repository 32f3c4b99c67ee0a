// Package browserflow owns the trip of a person through a browser on behalf of
// a native app: hosted authentication, and what OAuth brings back to an app.
//
// It offers [Flows], with a step for each side: the app begins a flow, the
// browser approves it with who signed in there, and the app redeems what the
// browser brought back.
//
// It refuses to know how anybody signs in, and to make a session for an app
// before that very app has redeemed the flow.
package browserflow
