//! The page's files, inside the program.

use axum::http::header;
use axum::response::{IntoResponse, Response};

const JS: &str = "text/javascript; charset=utf-8";

/// Name, type and text of each file; they are used as they are written.
const FILES: [(&str, &str, &str); 11] = [
    ("index.html", "text/html; charset=utf-8", include_str!("../../page/index.html")),
    ("style.css", "text/css; charset=utf-8", include_str!("../../page/style.css")),
    ("main.js", JS, include_str!("../../page/main.js")),
    ("api.js", JS, include_str!("../../page/api.js")),
    ("dom.js", JS, include_str!("../../page/dom.js")),
    ("words.js", JS, include_str!("../../page/words.js")),
    ("markdown.js", JS, include_str!("../../page/markdown.js")),
    ("chats.js", JS, include_str!("../../page/chats.js")),
    ("talk.js", JS, include_str!("../../page/talk.js")),
    ("composer.js", JS, include_str!("../../page/composer.js")),
    ("side.js", JS, include_str!("../../page/side.js")),
];

/// A file of the page.
pub(super) fn file(name: &str) -> Option<Response> {
    let (_, kind, text) = FILES.iter().find(|(its, ..)| *its == name)?;
    Some(([(header::CONTENT_TYPE, *kind)], *text).into_response())
}
