export const help = `Takes the same revision of this program through your stacks, one after the other, and starts none before the
one before it is proven.

  npm run promote -- <stage> [<stage>…] [options]
  npm run promote -- dev staging prod-eu,prod-us
  npm run promote -- dev 'prod-*' --canary --max-failures 3 --yes

A stage is a stack of yours, with its Pulumi.<stack>.yaml; none is ever made here. Stages joined by a comma are one
wave: they run side by side, and the next wave waits for all of them. 'prod-*' is the wave of all stacks whose names
begin so, without those that are named elsewhere; put it in quotes, or the shell looks for files of that name.

What happens to each: preview; no if the transfer or the constraint would be deleted or replaced; the plan in numbers;
your yes; update; its status must be complete, or its attention accepted (acceptAttention), and its states must add up
to its wallets; a second preview must show no change. Then the next.

  --yes, -y            do not ask; without a terminal this is the only way to say yes
  --preview-only       show what each stage would do, and change nothing
  --parallel <n>       stages of one wave that run at the same time, 1 to 16 (as cores and free memory allow)
  --canary             the first stage of each wave runs alone; the others begin once it got through
  --max-failures <n>   so many stages of a wave may fail before no other stage of it begins (0)
  --only-failed <file> the stages that did not get through, by the result (--json) of an earlier run; name no others
  --json               print the result as JSON on standard output; progress goes to standard error
  --report <file>      write a report as one HTML file
  --summary <file>     write the same as Markdown (GITHUB_STEP_SUMMARY gets it by itself)
  --help, -h           this text

Exit code: 0 all got through, 1 a stage failed, 2 a gate refused, 3 a person declined.
Ctrl-C lets the running update end in good order and starts no further stage; run the same command again to go on.
`;
