//! Every limit of the process in one place.
