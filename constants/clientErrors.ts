/** The errors of the HTTP client and the mail client. */
export const CLIENT_ERRORS = {
  HOLDFAST_REQUEST_INVALID: {
    says: 'An HTTP request cannot be made as it is given',
    fix: 'docs/http-tasks.md says what a request may hold. Its task is not tried again.',
  },
  HOLDFAST_ADDRESS_REFUSED: {
    says: 'An HTTP request would have reached an address that is not public',
    fix: 'If the host is yours, name it in allowedHosts. Its task is not tried again.',
  },
  HOLDFAST_REQUEST_REFUSED: {
    says: 'An HTTP request was refused',
    fix: 'Correct the request, or name the status in its accepts if it is an answer. Its task is not tried again.',
  },
  HOLDFAST_REQUEST_FAILED: {
    says: 'An HTTP request failed',
    fix: 'Its task is tried again. If it goes on, look at the other side, and at the network to it.',
  },
  HOLDFAST_HOST_RESTING: {
    says: 'A host is not called for a while, because its last calls failed',
    fix: 'Its tasks wait, without a failure, until it is tried again. Look at the other side, and at the network to it.',
  },
  HOLDFAST_MAIL_INVALID: {
    says: 'A mail cannot be made as it is given',
    fix: 'docs/mail-tasks.md says what a mail may hold. Its task is not tried again.',
  },
  HOLDFAST_MAIL_REFUSED: {
    says: 'A mail was refused for good',
    fix: 'Check the address of the recipient and what the server says. Its task is not tried again.',
  },
  HOLDFAST_MAIL_FAILED: {
    says: 'A mail could not be handed over',
    fix: 'Its task is tried again. If it goes on, look at the server, its login, and the network to it.',
  },
  HOLDFAST_CLIENT_CLOSED: {
    says: 'The client has been closed',
    fix: 'Close it after the workers that use it have stopped.',
  },
} as const;
