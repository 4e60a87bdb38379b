//! Payments: their state machine, the ledger, and what a provider must do.
