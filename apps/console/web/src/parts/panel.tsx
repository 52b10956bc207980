import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

interface PanelProps {
  readonly title: string;
  readonly class?: string;
  /** Small words or a link at the right of the title. */
  readonly aside?: ComponentChildren;
  readonly children: ComponentChildren;
}

export function Panel({ title, class: name = '', aside, children }: PanelProps) {
  const id = useId();
  return (
    <section class={`panel ${name}`} aria-labelledby={id}>
      <div class="panel-head">
        <h2 id={id}>{title}</h2>
        {aside && <div class="aside">{aside}</div>}
      </div>
      {children}
    </section>
  );
}

export function Empty({ children }: { children: ComponentChildren }) {
  return <p class="empty">{children}</p>;
}

/** A number with a bar of its share behind it. The bar is decoration: the number says it all. */
export function Bar({ value, most, shown, tone }: { value: number; most: number; shown: string; tone: string }) {
  const share = most > 0 ? value / most : 0;
  return (
    <span class="bar">
      <span class={`bar-number ${value === 0 ? 'zero' : ''}`}>{shown}</span>
      <span class="bar-track" aria-hidden="true">
        <span class={`bar-fill tone-${tone}`} style={{ width: `${(share * 100).toFixed(1)}%` }} />
      </span>
    </span>
  );
}
