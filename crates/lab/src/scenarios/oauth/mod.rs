//! Who calls and what they may do: credentials, tokens, permissions, sign-in flows. Each shows one thing wrong.

mod credentials;
mod flows;
mod permissions;
mod tokens;

use crate::systems::oauth::{Grant, OAuth};
use crate::systems::protected::{self, Settings, Style};
use crate::{Expected, Scenario, World};
use firstfault_model::{Bucket, Layer};
use std::io;

/// All of them.
pub(super) fn all() -> Vec<Scenario> {
    [credentials::SCENARIOS, tokens::SCENARIOS, permissions::SCENARIOS, flows::SCENARIOS].concat()
}

const fn auth(cause: &'static str) -> Expected {
    Expected { bucket: Bucket::Auth, layer: Some(Layer::Auth), cause, or: &[] }
}

const fn nothing() -> Expected {
    Expected { bucket: Bucket::None, layer: None, cause: "none", or: &[] }
}

/// An OAuth server and an API that trusts it.
struct Setting {
    oauth: OAuth,
    api: String,
}

impl Setting {
    async fn of(world: &World, style: Style) -> io::Result<Self> {
        let oauth = OAuth::start(world).await?;
        let settings = Settings { style, ..Settings::trusting(&oauth) };
        let place = protected::start(world, settings).await?;
        Ok(Self { oauth, api: format!("http://{place}") })
    }

    fn bearer(&self, grant: &Grant<'_>) -> io::Result<String> {
        Ok(format!("Authorization: Bearer {}", self.oauth.access_token(grant)?))
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.api)
    }
}

#[cfg(test)]
mod tests;
