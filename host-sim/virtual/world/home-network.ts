/** The one network of a board at work, in surroundings that change. */

import type { SeededRandom } from '../random.ts';
import type { Look } from '../wifi.ts';

/** What the surroundings are like. */
export interface HomeConditions {
  inRange: boolean;
  passwordIsRight: boolean;
  /** From association to an address, evenly drawn between the two, in milliseconds. */
  addressMsMin: number;
  addressMsMax: number;
}

const GOOD: Readonly<HomeConditions> = Object.freeze({
  inRange: true,
  passwordIsRight: true,
  addressMsMin: 200,
  addressMsMax: 1500,
});
const CHANNEL = 6;

export class HomeNetwork {
  #conditions: HomeConditions = { ...GOOD };
  readonly #random: SeededRandom;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  /** Changes the surroundings; what is joined stays so. */
  change(conditions: Partial<HomeConditions>): void {
    this.#conditions = { ...this.#conditions, ...conditions };
  }

  readonly look: Look = () => {
    const { inRange, passwordIsRight, addressMsMin, addressMsMax } = this.#conditions;
    if (!inRange) return undefined;
    const random = this.#random;
    return {
      get rssi() {
        return -50 - random.below(30);
      },
      channel: CHANNEL,
      refuses: !passwordIsRight,
      addressMs: random.between(addressMsMin, addressMsMax),
      isInRange: () => this.#conditions.inRange && this.#conditions.passwordIsRight,
    };
  };
}
