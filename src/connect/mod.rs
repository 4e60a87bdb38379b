//! Clients of other systems, each behind a cargo feature. There are none in this release.
