import { EPOCH_MS, TestClock } from '../../classes/testing/testClock';

export { EPOCH_MS };

/** The clock for unit tests of classes. It moves only when told to; even the end of an event-loop turn comes only by `settle` or `advance`. */
export class FakeClock extends TestClock {
  #soon: (() => void)[] = [];

  override soon(callback: () => void): void {
    this.#soon.push(callback);
  }

  /** Advances the time. Background duties run as often as they are due. */
  override advance(ms: number): Promise<void> {
    return this.callUntil(this.monotonic() + ms, () => true);
  }

  override async settle(): Promise<void> {
    for (;;) {
      await super.settle();
      const soon = this.#soon.splice(0);
      if (soon.length === 0) return;
      for (const callback of soon) callback();
    }
  }
}
