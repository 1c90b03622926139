import type Handlebars from 'handlebars';
import type * as nodemailer from 'nodemailer';
import { loadPeer } from '../../modules/errors/loadPeer';

/** The libraries of mail tasks. */
export interface MailPeers {
  readonly handlebars: typeof Handlebars;
  readonly nodemailer: typeof nodemailer;
}

const INSTALL = 'nodemailer@10 handlebars@4';

/** @throws HOLDFAST_PEER_MISSING with the command that installs both. */
export const mailPeers = (): MailPeers => ({
  nodemailer: loadPeer('nodemailer', INSTALL, () => require('nodemailer') as typeof nodemailer),
  handlebars: loadPeer('handlebars', INSTALL, () => require('handlebars') as typeof Handlebars),
});
