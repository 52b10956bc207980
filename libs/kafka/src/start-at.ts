/** Where a group begins to read a partition it is given; undefined: where the log believes it left off. */
export type StartAt = (group: string, topic: string, partition: number) => Promise<number | undefined>;
