//! Answers whose bodies do not keep to what HTTP promises.

use std::io;
use std::time::{Duration, SystemTime};

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, StreamExt, stream};

use super::answer::Answer;
use super::fault::Fault;

/// So much of an endless body comes at once.
const PIECE: usize = 64 * 1024;

/// The answer as `fault` has it; as it is, if the fault is not about the body.
pub(super) fn respond(answer: Answer, fault: Option<&Fault>) -> Response {
    match fault {
        Some(Fault::Redirect(to)) => (StatusCode::FOUND, [(header::LOCATION, to.as_str())]).into_response(),
        Some(Fault::WrongLength(length)) => {
            // By the next turn hyper has written what it was given.
            let written = stream::once(tokio::task::yield_now()).filter_map(async |()| None);
            let whole = pieces(vec![answer.bytes().into()]).chain(written);
            ([(header::CONTENT_LENGTH, length.to_string())], Body::from_stream(whole)).into_response()
        }
        Some(Fault::Endless) => {
            let piece = Bytes::from(vec![b'x'; PIECE]);
            Body::from_stream(stream::repeat(piece).map(Ok::<_, io::Error>)).into_response()
        }
        Some(Fault::Drips(pause)) => {
            let bytes = answer.bytes().into_iter().map(|byte| vec![byte].into()).collect();
            Body::from_stream(slowly(pieces(bytes), *pause)).into_response()
        }
        _ => answer.into_response(),
    }
}

/// The answer of a service whose clock is so far ahead.
pub(super) fn dated(mut response: Response, ahead_s: i64) -> Response {
    let (now, by) = (SystemTime::now(), Duration::from_secs(ahead_s.unsigned_abs()));
    let told = if ahead_s < 0 { now.checked_sub(by) } else { now.checked_add(by) };
    if let Some(told) = told.filter(|_| ahead_s != 0)
        && let Ok(date) = HeaderValue::from_str(&httpdate::fmt_http_date(told))
    {
        response.headers_mut().insert(header::DATE, date);
    }
    response
}

fn pieces(pieces: Vec<Bytes>) -> impl Stream<Item = io::Result<Bytes>> {
    stream::iter(pieces).map(Ok)
}

fn slowly<T>(items: impl Stream<Item = T>, pause: Duration) -> impl Stream<Item = T> {
    items.then(move |item| async move {
        tokio::time::sleep(pause).await;
        item
    })
}
