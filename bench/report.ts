import { availableParallelism } from "node:os";
import { placeOfNotes, writeDocument } from "../testing/document";
import type { Options } from "./options";

/** Writes docs/benchmarks.md around the tables of a run, and returns its name. */
export function writeReport(options: Options, tables: readonly string[]): Promise<string> {
  const { wallets, major, only, runs } = options;
  const command = `npm run bench -- --wallets ${wallets} --major ${major} --only ${only.join(",")} --runs ${runs} --write`;
  const place = `PostgreSQL ${major}, ${availableParallelism()} cores`;
  return writeDocument(
    "docs/benchmarks.md",
    text
      .replace("COMMAND", () => command)
      .replace("PLACE", () => place)
      .replace("NOTES", () => placeOfNotes)
      .replace("TABLES", () => tables.join("\n\n")),
  );
}

const text = `# Benchmarks

Absolute times say more of a machine than of a program. So every figure here is a ratio of two things measured one after the
other on one server in one run, or a wait or an amount of memory with a bound. PLACE; this page was written by

    COMMAND

\`GOAL\`: within the goal. \`PASS\`: within what must be. \`MISS\`: not. Rows without bounds are there to compare.

TABLES

## Notes

Written by hand, and kept when this page is written anew: each says which run it speaks of.

NOTES

## Running it

Run it with \`npm run bench\`; \`--wallets 20000\` takes a minute or two and is good for seeing that it works, not for its
numbers. \`--only transfer,wait,noop,growth,memory,seed-shape\` chooses parts, \`--runs 5\` measures each five times and takes the
median, \`--write\` writes this page. The machine must have nothing else to do. Exit code 1 means a \`MISS\`.

## What each figure is

**Transfer ÷ plain.sql.** All wallets surveyed, the constraint's index built online, every key moved, compared byte for byte and flagged, every
wallet read back on a session of its own, and all of it on disk; divided by [\`plain.sql\`](../bench/baseline/plain.sql), one
transaction that stops every writer and verifies nothing. Both start with a fresh copy of the same database, after a
checkpoint, at PostgreSQL's default settings.

**Longest wait.** Four sessions of applications write single rows all the time, three updating random wallets and one
storing keys of new wallets, with 4 ms between two writes; each statement's time is taken by the client, a process of its own,
from before \`up\` begins until after it has ended. With the disk out of the way (\`fsync=off\`, \`max_wal_size=16GB\`) what is
left is our locks, the cores that applications, server and \`up\` share, and one thing more: whoever commits when a file of the
write-ahead log is full makes the next one, 16 MB of zeros, and all others who commit wait for it (wait events \`WalInitWrite\`
and \`WALWrite\`; a server that has run for a while uses old files again instead). The row with \`wal_init_zero=off\` leaves that
out, too. At default settings a write may also wait for the disk, that is, for checkpoints and for the WAL of others, which is
why no bound is set there. During \`plain.sql\` a write may wait for all of it.

**Nothing to do.** \`up --skip-preview\` with nothing to do, minus the same with a program that has no resources, run by the
same CLI: what this program adds. Divided by a query that counts how all wallets stand, run by a session that is there
already and [written by hand](../bench/baseline/counting.sql): it looks at less than ours, which knows placeholders and
values that are no strings. And, to compare, by ours. Each is the median of twice as many runs as the others, and one more. At
two cores the query shares them with Pulumi's processes, which take 1.3 s to start; elsewhere it would be over by then.

**Growth.** Survey, constraint and transfer at N keys divided by those at N ÷ 10, each the median of \`--runs\`: 10 would be a
straight line. What is more comes from the checkpoints that a long run meets and a short one does not (two fifths of its
write-ahead log are whole pages, put there for that reason), and from indexes that no longer fit into \`shared_buffers\` (128 MB
by default): for four keys in five a page has to be read again, and another one written to make room for it. \`plain.sql\` meets
them too.

**Memory.** The most resident memory that the process of Pulumi's dynamic provider ever had during a real \`up\` (VmHWM of
the kernel), with Node.js, Pulumi's SDK and all. Keys stay inside PostgreSQL, so their number is not in it.

**seed-shape.sql.** The [shape](../bench/baseline/seed-shape.sql) that migrations of this kind are often written in:
\`not exists\` besides \`on conflict\`, in one transaction that stops every writer and compares nothing. Two sizes, so that a
time per key that grows would be seen; shown, not judged.

## Where the time goes

Moving a key costs, at the least, one new version of the wallet's row (the flag), one row in the vault, and that row's
entries in four indexes: \`id\`, \`vault_id\`, the index on \`credential_id\` that was there, and the new unique one. Everything
that is written is written twice, to the write-ahead log and to the table, and the first change of a page after a checkpoint
puts the whole page into the log. On a machine where the cores are not what is short, this is what the time is spent on.

\`plain.sql\` writes much more than that. It updates all wallets at once, so that no page has room for the new versions: each
goes to a new page at the end of the table and needs an entry in every index of the table. Here the wallets are visited in
the order in which they lie on disk, and in four lanes: a quarter of a page's wallets goes first, and the room that their old
versions leave, once nobody can see them any more, takes the new versions of the other three quarters. Those are heap-only
tuples (HOT): no index entry, no new page. Behind the last lane every page is read once more, which lets PostgreSQL remove the
last old versions while that takes a few bytes; the read-back would do it after a checkpoint, and put each page into the log
as a whole. A batch's statement is planned once per session. The table below the figures says what is left of the log per key.

What no program can save at this table layout: one new wallet version, one vault row, four index entries, and a full-page
image for each page that is touched after a checkpoint. \`id\`, \`vault_id\` and \`credential_id\` come in random order, so their
index pages are touched all over; a larger \`max_wal_size\` means fewer checkpoints and fewer such images, for \`plain.sql\` and
for this program alike. Commits do not wait for the disk one by one (\`synchronous_commit = off\` in the sessions that move
keys): wallet and vault row are one transaction, so a crash loses both or neither, and the read-back answers only when all of
the log is on disk.
`;
