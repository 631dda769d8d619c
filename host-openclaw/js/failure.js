// What the addon throws, as errors with codes; and the calls that may fail so.

/** A failure that says what to do about it. */
export class ChannelError extends Error {
  name = "ChannelError";

  /** @param {{code: string, message: string, retryAfterMs?: number, causes?: string, extra?: object}} failure */
  constructor({ code, message, retryAfterMs, causes, extra }) {
    super(message);
    /** What kind of failure it is: `auth`, `rateLimited`, `network`…; of a load: `manifest`, `file`… */
    this.code = code;
    /** Milliseconds after which trying again may help; `null` if it will not. */
    this.retryAfterMs = retryAfterMs ?? null;
    /** What caused it, one a line. */
    this.causes = causes ?? "";
    this.extra = extra ?? {};
  }

  /** What the addon threw, with the fields that it wrote into the message. */
  static from(error) {
    try {
      return new ChannelError(JSON.parse(error.message));
    } catch {
      return error; // not of our making
    }
  }
}

/** Calls the addon for an answer at once. */
export function now(call) {
  try {
    return call();
  } catch (error) {
    throw ChannelError.from(error);
  }
}

/** Calls the addon for an answer that comes later. */
export async function later(call) {
  try {
    return JSON.parse(await call());
  } catch (error) {
    throw ChannelError.from(error);
  }
}
