// Only the fault stories are parallelizable. They wait for most of their time, so that more of them than there are cores run side by side.
[assembly: LevelOfParallelism(8)]
