// Stories that wait for most of their time are parallelizable, and more of them than there are cores run side by side. What keeps the cores busy, reads what a
// process has once (its registry of metrics, its output, its listeners), or passes time by hand while controllers may still be at work, runs alone after them.
[assembly: LevelOfParallelism(8)]
