/** The caller is wrong: an unknown name, a value out of range. The message says what to do. CLI exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * The surroundings are wrong: a port in use, a broker that cannot be reached or refuses. One line that names what was
 * tried and says what to do. CLI exit code 3.
 */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
}

/** We are wrong. Whatever raised it stops; the seed and the time belong into the log. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}
