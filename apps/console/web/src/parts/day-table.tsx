import { useState } from 'preact/hooks';
import { useLanguage } from '../texts/language.js';

interface DayTableProps {
  readonly headings: readonly string[];
  readonly rows: readonly { readonly day: string; readonly numbers: readonly number[] }[];
}

/** A chart's numbers for those who read rather than look; drawn only when opened. Latest day first. */
export function DayTable({ headings, rows }: DayTableProps) {
  const { t, format } = useLanguage();
  const [open, setOpen] = useState(false);
  return (
    <details class="as-table" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t.showAsTable}</summary>
      {open && (
        <div class="scroll" tabIndex={0} role="region" aria-label={t.showAsTable}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t.day}</th>
                {headings.map((heading) => (
                  <th key={heading} scope="col" class="number">
                    {heading}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.toReversed().map(({ day, numbers }) => (
                <tr key={day}>
                  <th scope="row">{format.day(day)}</th>
                  {numbers.map((number, index) => (
                    <td key={index} class="number">
                      {format.count(number)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}
