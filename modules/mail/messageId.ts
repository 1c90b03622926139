import { createHash } from 'node:crypto';

const CHARACTERS = 40;

/** Makes the `Message-ID` of a mail from its key, or the id of its task, and its recipient: the same in every attempt. */
export function messageIdOf(key: string, to: string, domain: string): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([key, to.toLowerCase()]))
    .digest('hex');
  return `<${hash.slice(0, CHARACTERS)}@${domain}>`;
}
