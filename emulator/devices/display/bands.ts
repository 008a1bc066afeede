export type AmbientBand = 'low' | 'medium' | 'high';

/** From which power on the ambient light shows the next band, in W. */
export interface AmbientThresholds {
  readonly mediumFromW: number;
  readonly highFromW: number;
}

/** Where the meter serves none: a home at rest stays below the first; a kettle or a shower goes beyond the second. */
export const defaultAmbientThresholds: AmbientThresholds = { mediumFromW: 500, highFromW: 2000 };

export function ambientBand(powerW: number, thresholds: AmbientThresholds): AmbientBand {
  if (powerW >= thresholds.highFromW) return 'high';
  return powerW >= thresholds.mediumFromW ? 'medium' : 'low';
}

/** The light as text: three lamps and their word. */
export const lamps: Readonly<Record<AmbientBand, string>> = {
  low: '[#--] low',
  medium: '[##-] medium',
  high: '[###] high',
};
