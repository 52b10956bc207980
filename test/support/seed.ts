import fc from 'fast-check';

/**
 * What everything drawn at random in these tests begins with: the same each run, so that whoever changes something is told
 * of what they changed. `TEST_SEED=random` looks for more, and says in the names of the tests what it began with; `TEST_SEED=n`
 * brings that back.
 */
export const seed = seedOf(process.env['TEST_SEED'] ?? '20260105');

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });

function seedOf(text: string): number {
  const number = text === 'random' ? Math.trunc(Math.random() * 2 ** 31) : Number(text);
  if (Number.isInteger(number)) return number;
  throw new Error(`TEST_SEED is "${text}"; it must be an integer, or "random"`);
}
