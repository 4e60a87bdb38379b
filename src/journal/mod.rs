//! Where events are kept: conditional append, read, recovery.
