import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { waitUntil } from './wait-until.js';

const run = promisify(execFile);
const home = join(process.cwd(), 'test', 'support', 'kafka-broker');
const pom = join(home, 'pom.xml');
export const javaClient = join(home, 'JavaClient.java');

export const kafkaVersion = /<kafka\.version>([^<]+)</.exec(readFileSync(pom, 'utf8'))![1]!;

/** Folder with the broker's jars; the first call fetches them from Maven Central. Throws where Java or Maven cannot do it. */
export async function brokerJars(): Promise<string> {
  const jars = join(process.cwd(), 'node_modules', '.cache', 'kafka-broker', kafkaVersion);
  await run('java', ['-version']);
  if (existsSync(jars)) return jars;
  // Several workers may arrive here at once: each fills its own folder, and the first to finish gives it its name.
  const mine = `${jars}.${process.pid}`;
  const fetchJars = ['dependency:copy-dependencies', `-DoutputDirectory=${mine}`, '-DincludeScope=runtime'];
  await run('mvn', ['-B', '-q', '-f', pom, ...fetchJars], { timeout: 300_000 });
  try {
    renameSync(mine, jars);
  } catch (cause) {
    rmSync(mine, { recursive: true, force: true });
    if (!existsSync(jars)) throw cause;
  }
  return jars;
}

export interface Jvm {
  readonly pid: number;
  /** Asks it to end (or makes it, with SIGKILL) and waits until it is gone. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

/** Runs a main class in the background. It ends with this process, however this process ends. */
export async function startJvm(jars: string, heapMb: number, args: readonly string[], logFile: string): Promise<Jvm> {
  const log = openSync(logFile, 'a');
  const java = ['java', `-Xmx${heapMb}m`, '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-cp', `${jars}/*`, ...args];
  // The shell holds our pipe: when we die, even by SIGKILL, its `cat` ends and takes the JVM along.
  const leash = '"$@" >&2 & echo $!; cat >/dev/null; kill -9 $! 2>/dev/null';
  const shell: ChildProcess = spawn('sh', ['-c', leash, 'sh', ...java], { stdio: ['pipe', 'pipe', log] });
  closeSync(log);
  const [line] = (await once(createInterface(shell.stdout!), 'line')) as [string];
  const pid = Number(line);
  shell.unref();
  return {
    pid,
    async end(signal) {
      if (isAlive(pid)) process.kill(pid, signal);
      await waitUntil(() => !isAlive(pid), 30_000, `JVM ${pid} to end`);
      shell.stdin!.end();
    },
  };
}

/** Runs a main class, or a source file with one, to its end and answers with what it printed. */
export function runKafkaTool(jars: string, args: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const java = ['-Xmx128m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-cp', `${jars}/*`, ...args];
    const child = execFile('java', java, { timeout: 60_000, maxBuffer: 64 << 20 }, (error, stdout, stderr) =>
      error ? reject(new Error(`${args[0]} failed: ${stderr}`, { cause: error })) : resolve(stdout),
    );
    child.stdin!.end(input);
  });
}

export function writeProperties(file: string, properties: Readonly<Record<string, string | number>>): void {
  const lines = Object.entries(properties).map(([key, value]) => `${key}=${value}`);
  writeFileSync(file, `${lines.join('\n')}\n`);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // A zombie still answers to signal 0 until its parent shell reaps it.
  const stat = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'utf8') : '';
  return !/\) Z /.test(stat);
}
