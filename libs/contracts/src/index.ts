export type { Topic } from './topics.js';
export { allTopics, intakeTopics, topics } from './topics.js';
