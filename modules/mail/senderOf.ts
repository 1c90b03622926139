import { FROM } from '../../constants/mailTexts';

/** The sender of a client's mails. */
export interface Sender {
  readonly name: string;
  readonly address: string;
  /** What is behind the @ of the address. */
  readonly domain: string;
}

/** Reads a sender, which has been checked: `news@example.org` or `News <news@example.org>`. */
export function senderOf(from: string): Sender {
  const { name = '', inner, bare } = FROM.exec(from)?.groups ?? {};
  const address = inner ?? bare ?? '';
  return { name, address, domain: address.slice(address.indexOf('@') + 1) };
}
