import type { EpochMs } from '#domain';
import { isoOf } from '#domain';

/** Stands where nothing is known. */
export const unknown = '-';
export const count = (value: number): string => value.toLocaleString('en-US');
export const decimals = (value: number | null, digits: number): string =>
  value === null ? unknown : value.toFixed(digits);
export const percent = (share: number | null): string => (share === null ? unknown : `${(share * 100).toFixed(1)} %`);
export const signed = (value: number, digits: number): string => `${value < 0 ? '' : '+'}${value.toFixed(digits)}`;
export const day = (at: EpochMs): string => isoOf(at).slice(0, 10);
