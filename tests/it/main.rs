//! What only all parts together can show. One binary, one module a subject.

mod answers;
mod fallback;
mod mistakes;
mod order;
