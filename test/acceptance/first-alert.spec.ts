import { firstAlertStory } from '../support/first-alert.story.js';

describe('from an event to an alert, on the embedded log', () => {
  firstAlertStory(() => ({}));
});
