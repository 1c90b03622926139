/** A mail. It is the payload of a mail task. */
export interface MailMessage {
  /** The address of the one recipient. */
  readonly to: string;
  /** The name of the recipient. */
  readonly name?: string;
  /** The name of the template. */
  readonly template: string;
  /** What the template shows. A value that it shows has to be there, if only as null. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** What is kept of a mail that the server has accepted. */
export interface MailReceipt {
  /** The `Message-ID`, the same in every attempt of a task. */
  readonly messageId: string;
  /** The answer of the server, by which it knows the mail in its log. */
  readonly response: string;
}

/** The texts of a mail that is ready to be sent. */
export interface MailTexts {
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
}
