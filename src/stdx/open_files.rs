//! How many files and sockets the process may have open.

/// Raises the limit to `wanted`, as far as the system lets this user; how many there may be now. A limit that is higher already stays.
pub fn raise(wanted: u64) -> u64 {
    let raised = rlimit::increase_nofile_limit(wanted);
    raised.or_else(|_| rlimit::Resource::NOFILE.get_soft()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_never_sinks() {
        let before = raise(0);
        assert!(before > 0);
        assert_eq!(raise(before), before);
    }
}
