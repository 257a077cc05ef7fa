import { styleText } from "node:util";
import { fold } from "../promotion/fold";
import { cleanUpAtExit, forget } from "../testing/cleanup";

type Style = "bold" | "dim" | "green" | "red" | "yellow" | "cyan";

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const frameMs = 80;
const indent = "   ";
const width = 80;

/** How a step reports while it works. */
export interface Working {
  /** Reports the present action. On a terminal it replaces the text before it. */
  say(text: string): void;
  /** Prints a line that stays. */
  keep(text: string): void;
}

/**
 * Prints the demo: headings, lines, and one line that is redrawn while a step works. Without a terminal, and in CI, nothing
 * is redrawn: every text is a plain line of its own.
 */
export class Screen {
  private readonly terminal = process.stdout.isTTY && process.env["TERM"] !== "dumb";
  private readonly moves = this.terminal && !process.env["CI"];
  // NO_COLOR counts with any value that is not empty: https://no-color.org
  private readonly colours = this.terminal && !process.env["NO_COLOR"];
  private steps = 0;

  step(title: string): void {
    this.steps += 1;
    this.print(`\n${this.paint("cyan", String(this.steps))}  ${this.paint("bold", title)}`);
  }

  title(text: string): void {
    this.print(`\n${this.paint("bold", text)}`);
  }

  line(text = ""): void {
    this.print(text === "" ? "" : `${indent}${text}`);
  }

  /** A longer text, on as many lines as it takes. */
  paragraph(text: string, style?: Style): void {
    for (const line of this.fold(text, style)) this.line(line);
  }

  /** The lines of a longer text, each with `before` in front of it. */
  fold(text: string, style?: Style, before = ""): string[] {
    const lines = fold(text, width - indent.length - before.length);
    return lines.map((line) => before + (style === undefined ? line : this.paint(style, line)));
  }

  good(text: string): void {
    this.line(`${this.paint("green", "✓")} ${text}`);
  }

  bad(text: string): void {
    this.line(`${this.paint("red", "✗")} ${text}`);
  }

  paint(style: Style, text: string): string {
    return this.colours ? styleText(style, text) : text;
  }

  /** Shows that `doing` goes on, and for how long, until `work` is done. */
  async working<T>(doing: string, work: (working: Working) => Promise<T>): Promise<T> {
    if (!this.moves) return work(this.plainly(doing));
    const start = Date.now();
    let text = doing;
    let frame = 0;
    const draw = () => {
      const seconds = `${Math.floor((Date.now() - start) / 1000)} s`;
      const room = Math.max(10, (process.stdout.columns || 80) - indent.length - seconds.length - 5);
      const shown = text.length > room ? `${text.slice(0, room - 1)}…` : text;
      const spinner = this.paint("cyan", frames[frame++ % frames.length] as string);
      process.stdout.write(`\r\u001b[K${indent}${spinner} ${shown} ${this.paint("dim", seconds)}`);
    };
    const wipe = () => void process.stdout.write("\r\u001b[K");
    const cursor = {};
    process.stdout.write("\u001b[?25l");
    cleanUpAtExit(cursor, () => void process.stdout.write("\r\u001b[K\u001b[?25h"));
    draw();
    const timer = setInterval(draw, frameMs);
    try {
      return await work({
        say: (now) => (text = now),
        keep: (line) => {
          wipe();
          this.line(line);
          draw();
        },
      });
    } finally {
      clearInterval(timer);
      wipe();
      process.stdout.write("\u001b[?25h");
      forget(cursor);
    }
  }

  private plainly(doing: string): Working {
    let said = doing;
    this.line(`${doing}…`);
    const say = (text: string) => {
      if (text !== said) for (const part of fold(text, width - indent.length - 2)) this.line(`  ${part}`);
      said = text;
    };
    return { say, keep: (text) => this.line(text) };
  }

  private print(text: string): void {
    process.stdout.write(`${text}\n`);
  }
}
