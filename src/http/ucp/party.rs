//! The two sides of a call: who asks, and what both can do.

use super::agent::Agent;
use super::capability::{Active, VERSION};
use super::refusal::Refusal;
use crate::http::context::Context;

/// Who asks, and what both sides can do.
#[derive(Debug, Clone)]
pub(super) struct Party {
    /// The platform; none when the shop's own pages or programs ask.
    pub(super) agent: Option<Agent>,
    pub(super) active: Active,
}

impl Party {
    /// The shop's own pages and programs.
    pub(super) fn own() -> Self {
        Self { agent: None, active: Active::all() }
    }

    /// A platform, as its profile says when profiles are fetched, and else as it says itself.
    ///
    /// # Errors
    /// When it speaks another version, or its profile is not to be had.
    pub(super) async fn of(context: &Context, agent: Agent) -> Result<Self, Refusal> {
        let Some(profiles) = context.shop.profiles() else { return Self::said(agent) };
        let profile = profiles.get(&agent.profile, context.shop.now()).await?;
        if profile.version != VERSION {
            return Err(Refusal::version(&profile.version));
        }
        Ok(Self { agent: Some(agent), active: Active::shared(&profile.capabilities) })
    }

    /// A platform of which nothing is known but what it says of itself.
    ///
    /// # Errors
    /// When it speaks another version.
    fn said(agent: Agent) -> Result<Self, Refusal> {
        match &agent.version {
            Some(version) if version != VERSION => Err(Refusal::version(version)),
            Some(_) | None => Ok(Self { agent: Some(agent), active: Active::all() }),
        }
    }

    /// The address of the platform's profile.
    pub(super) fn profile(&self) -> Option<&str> {
        self.agent.as_ref().map(|agent| agent.profile.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_version_is_not_spoken() {
        let said = |version: Option<&str>| Party::said(Agent::new("https://a.example/p", version.map(str::to_owned)).expect("an agent"));
        assert!(said(None).is_ok() && said(Some(VERSION)).is_ok());
        let Err(Refusal::Transport(transport)) = said(Some("2099-01-01")) else { panic!("is refused") };
        assert_eq!((transport.status.as_u16(), transport.code.as_str()), (422, "version_unsupported"));
    }
}
