// Patience with an end.

/**
 * What `promise` gives, or `undefined` after so many ms. No timer outlives it, or keeps the process alive.
 *
 * @template T
 * @param {number} ms
 * @param {Promise<T>} promise
 * @returns {Promise<T | undefined>}
 */
export async function within(ms, promise) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  /** @type {Promise<undefined>} */
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, ms, undefined).unref();
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * What `promise` gives; an error for people to read if that takes longer than so many ms.
 *
 * @template T
 * @param {number} ms
 * @param {Promise<T>} promise
 * @returns {Promise<T>}
 */
export async function answered(ms, promise) {
  const answer = await within(ms, promise);
  if (answer === undefined) throw new Error(`${ms / 1000} 秒内没有回答 (no answer within ${ms / 1000} s)`);
  return answer;
}
