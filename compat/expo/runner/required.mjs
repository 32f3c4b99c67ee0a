// What no cold start over the device core may do.

/** Names what a result has that must not be, empty if nothing. */
export function broken({ ended, ever, givesUp, lost, wrong, revoked, crashed }) {
  return [
    crashed && `the script crashed: ${crashed}`,
    wrong && 'a session was shown that must not be',
    revoked && 'the session was ended on the server',
    lost && 'the session is lost for good',
    !ended && !ever && !givesUp && 'the session was not restored in this launch',
  ].filter(Boolean);
}
