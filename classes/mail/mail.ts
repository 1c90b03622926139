export { MailClient, mailClient } from './mailClient';
export type { MailArguments } from './mailClient';
export { mailHandler } from './mailHandler';
export type { MailHandler } from './mailHandler';
export type { MailMessage, MailReceipt } from '../../modules/mail/mailTypes';
export type { MailTemplate } from '../../config/mailOptions';
export type { MailOptions } from '../../config/optionTypes';
export type { Caller } from '../../modules/worker/caller';
