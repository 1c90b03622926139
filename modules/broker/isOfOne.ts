import { isHoldfastError } from '../errors/holdfastError';
import type { HoldfastError } from '../errors/holdfastError';

const OF_ONE = /^HOLDFAST_(?:RECEIPT|MESSAGE|OPTION|PAYLOAD|QUEUE)_/;

/** Tells whether an error says what is wrong with one message or receipt, so that the others of its call are answered all the same. */
export const isOfOne = (error: unknown): error is HoldfastError => isHoldfastError(error) && OF_ONE.test(error.code);
