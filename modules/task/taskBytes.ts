import { textBytes } from '../values/textBytes';
import type { NewTask } from './task';

/** The most bytes of a new task beside what is measured: its names, its settings, and the names of its fields. */
const FRAME_BYTES = 1_000;

/** The most bytes of a tag. */
const TAG_BYTES = 400;

/** Returns the most bytes that a new task may take in a write. */
export const taskBytes = ({ payload, uniqueKey, settings: { metadata, tags } }: NewTask): number =>
  FRAME_BYTES + textBytes(payload) + textBytes(uniqueKey) + textBytes(metadata) + TAG_BYTES * (tags?.length ?? 0);
