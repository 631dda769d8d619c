//! Who answers.

use super::super::{Exit, Failure};
use crate::{
    agent::{self, Completions},
    host::{Agent, Echo},
};
use std::{path::PathBuf, sync::Arc};

/// The variable that has a model's key.
const KEY: &str = "OPENAI_API_KEY";

/// Who answers; everything is echoed, unless told otherwise.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Args {
    /// Gives the answers that stand in this file, in JSON5.
    #[arg(long, value_name = "FILE", conflicts_with = "model")]
    script: Option<PathBuf>,
    /// Asks a model there, by OpenAI's chat completions; its key comes from the variable OPENAI_API_KEY.
    #[arg(long, value_name = "URL")]
    model: Option<String>,
    /// Which model.
    #[arg(long, value_name = "NAME", requires = "model", default_value = "default")]
    model_name: String,
    /// What the model is told before everything else.
    #[arg(long, value_name = "TEXT", requires = "model")]
    instructions: Option<String>,
}

impl Args {
    /// Who they mean.
    pub(super) fn agent(&self) -> Result<Arc<dyn Agent>, Failure> {
        let wrong = |error: &dyn std::error::Error| Failure::new(Exit::Wrong, error.to_string());
        if let Some(file) = &self.script {
            let script = agent::read(file).map_err(|error| wrong(&error))?;
            return Ok(Arc::new(script));
        }
        let Some(base) = &self.model else { return Ok(Arc::new(Echo)) };
        let key = std::env::var(KEY).ok().filter(|key| !key.is_empty());
        let model = Completions::new(base, &self.model_name, key, self.instructions.clone());
        Ok(Arc::new(model.map_err(|error| wrong(&error))?))
    }
}
