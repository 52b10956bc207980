import { table } from '../letters/table.js';
import type { Report } from './report.js';

export const reportLines = ({ title, about, tables, notes }: Report): readonly string[] => [
  title,
  ...about,
  '',
  ...tables.flatMap(({ head, rows, remarks = [] }) => [...table(head, rows), ...remarks, '']),
  ...notes,
];
