// Exits 0 when the role in this container is ready.
const answer = await fetch(`http://127.0.0.1:${process.env.METRICS_PORT ?? 9464}/health/ready`).catch(() => null);
process.exitCode = answer?.ok ? 0 : 1;
