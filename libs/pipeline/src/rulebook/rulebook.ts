import type { ChurnDefinition, Evaluation, LocalText, Pack, Playbook, Reason, Rule, Signal } from '#domain';
import type { EvaluationRequest, Evaluator } from '../ports/evaluator.js';

/**
 * The pack in force, while another may take its place: whoever only shows it reads it here, whoever decides takes
 * `current` and keeps to it for as long as one decision takes.
 */
export class Rulebook implements Pack {
  constructor(private inForce: Pack) {}

  get current(): Pack {
    return this.inForce;
  }
  adopt(pack: Pack): void {
    this.inForce = pack;
  }

  get name(): string {
    return this.inForce.name;
  }
  get version(): string {
    return this.inForce.version;
  }
  get title(): LocalText {
    return this.inForce.title;
  }
  get churn(): ChurnDefinition {
    return this.inForce.churn;
  }
  get value(): Pack['value'] {
    return this.inForce.value;
  }
  get signals(): readonly Signal[] {
    return this.inForce.signals;
  }
  get rules(): readonly Rule[] {
    return this.inForce.rules;
  }
  get playbooks(): readonly Playbook[] {
    return this.inForce.playbooks;
  }
  get reasons(): readonly Reason[] {
    return this.inForce.reasons;
  }
}

/** Evaluates by the pack in force. `current` goes on by the same rules, whatever is adopted meanwhile. */
export class EvaluatorInForce implements Evaluator {
  private made: Evaluator | null = null;

  constructor(
    private readonly rulebook: Rulebook,
    private readonly evaluatorOf: (pack: Pack) => Evaluator,
  ) {}

  get current(): Evaluator {
    if (this.made?.pack !== this.rulebook.current) this.made = this.evaluatorOf(this.rulebook.current);
    return this.made;
  }

  get pack(): Pack {
    return this.current.pack;
  }

  evaluate(requests: readonly EvaluationRequest[]): Promise<readonly Evaluation[]> {
    return this.current.evaluate(requests);
  }
}
