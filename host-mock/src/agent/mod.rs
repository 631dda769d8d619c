//! Who answers where a host runs by itself: a written script, or a model.

mod completions;
mod memory;
mod script_file;

pub use completions::{Completions, Unusable};
pub use script_file::{Damage, read};
