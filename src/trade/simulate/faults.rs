//! What may go wrong in a simulation, by kind, so that a failure can be looked at with fewer faults around it.

use std::fmt;
use std::str::FromStr;

/// Kinds of faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Faults {
    /// Syncs that fail, and disks without space.
    pub disk: bool,
    /// Power that goes and processes that are killed, between any two operations on the disk: writes are torn, lost and reordered.
    pub crash: bool,
    /// Durable bytes that change or get lost.
    pub rot: bool,
    /// A clock that jumps both ways.
    pub clock: bool,
    /// A payment provider that answers late, twice, in the wrong order, not at all, or falsely.
    pub provider: bool,
    /// Answers that do not arrive, so that callers repeat their writes, and callers that use a key for something else.
    pub network: bool,
}

impl Faults {
    /// Everything goes wrong.
    pub const ALL: Self = Self { disk: true, crash: true, rot: true, clock: true, provider: true, network: true };
    /// A perfect world.
    pub const NONE: Self = Self { disk: false, crash: false, rot: false, clock: false, provider: false, network: false };

    fn named(&mut self) -> [(&'static str, &mut bool); 6] {
        let Self { disk, crash, rot, clock, provider, network } = self;
        [("disk", disk), ("crash", crash), ("rot", rot), ("clock", clock), ("provider", provider), ("network", network)]
    }
}

impl Default for Faults {
    fn default() -> Self {
        Self::ALL
    }
}

impl FromStr for Faults {
    type Err = String;

    /// `all`, `none`, or names with commas between them.
    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim() {
            "all" => return Ok(Self::ALL),
            "none" => return Ok(Self::NONE),
            _ => {}
        }
        let mut faults = Self::NONE;
        for name in text.split(',').map(str::trim) {
            let known = faults.named().map(|(name, _)| name).join(", ");
            let mut found = faults.named().into_iter().filter(|(known, _)| *known == name);
            let (_, flag) = found.next().ok_or_else(|| format!("`{name}` is none of all, none, {known}"))?;
            *flag = true;
        }
        Ok(faults)
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::ALL => out.write_str("all"),
            Self::NONE => out.write_str("none"),
            mut some => {
                let names: Vec<&str> = some.named().into_iter().filter(|(_, is_on)| **is_on).map(|(name, _)| name).collect();
                out.write_str(&names.join(","))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_faults_are_named_and_others_are_refused() {
        let check =
            |text: &str, shown: &str| assert_eq!(text.parse::<Faults>().map_or_else(|error| error, |faults| faults.to_string()), shown);
        check("all", "all");
        check("none", "none");
        check("clock, disk", "disk,clock");
        check("disk,crash,rot,clock,provider,network", "all");
        check("disk,sun", "`sun` is none of all, none, disk, crash, rot, clock, provider, network");
        check("", "`` is none of all, none, disk, crash, rot, clock, provider, network");
    }
}
