import type { Screen } from "./screen";

/** What the demo claims, and whether it held. It says so at once, and at the end once more. */
export class Expectations {
  private held = 0;
  private readonly failed: string[] = [];

  constructor(private readonly screen: Screen) {}

  expect(holds: boolean, claim: string): void {
    if (holds) this.held += 1;
    else this.failed.push(claim);
    this.screen[holds ? "good" : "bad"](claim);
  }

  /** Returns whether all held. */
  verdict(): boolean {
    const all = this.held + this.failed.length;
    if (this.failed.length === 0) this.screen.good(`All ${all} expectations of this demo held.`);
    else this.screen.bad(`${this.failed.length} of ${all} expectations did not hold: ${this.failed.join("; ")}.`);
    return this.failed.length === 0;
  }
}
