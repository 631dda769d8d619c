//! Answers as promises.

use crate::failure::Failure;
use host_sdk::{Json, host::Pending};
use napi::{Env, Error, Result, bindgen_prelude::Object};
use serde::Serialize;

/// What makes the value of a promise, on JavaScript's thread.
type Settle = Box<dyn FnOnce(Env) -> Result<String> + Send>;

/// A promise of the answer as JSON text, settled from whichever thread brings it.
pub(crate) fn promise<T>(env: &Env, pending: Pending<T>) -> Result<Object<'_>>
where
    T: Serialize + Send + 'static,
{
    promise_after(env, pending, || ())
}

/// As [`promise`]; `first` is done when the answer is there, before JavaScript has it.
pub(crate) fn promise_after<T>(
    env: &Env,
    pending: Pending<T>,
    first: impl FnOnce() + Send + 'static,
) -> Result<Object<'_>>
where
    T: Serialize + Send + 'static,
{
    let (deferred, promise) = env.create_deferred::<String, Settle>()?;
    pending.then(move |answer| {
        first();
        match answer {
            Ok(value) => {
                let text = Json::new(&value).as_str().to_owned();
                deferred.resolve(Box::new(move |_| Ok(text)));
            }
            Err(error) => deferred.reject(Error::from(Failure::from(error))),
        }
    });
    Ok(promise)
}
