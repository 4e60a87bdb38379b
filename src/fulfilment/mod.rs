//! Sourcing over locations, shipments and their states.
